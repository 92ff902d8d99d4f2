{"fit":1,"tool":"strength","format":1,"options":{"normalize":"none","groups":"gold"},"records":2}
{"key":"400fff","n":[1,0,1],"sum":["-1p0","0p0"]}
{"key":"c02a00","n":[1,1,0],"sum":["dp0","0p0"]}
{"rows":2,"xxh3_128":"ff533071f2830dfddc8c4f74ef57adcf"}
