{"fit":1,"tool":"strength","format":1,"options":{"normalize":"none","by":"source","groups":"gold"},"records":12}
{"key":"400199 \"mä\\\"th\"","n":[1,0,1],"sum":["-1e666666666666p-52","0p0"]}
{"key":"4003ff \"7\"","n":[1,0,0],"sum":["-1cp-4","0p0"]}
{"key":"4003ff 7","n":[1,0,0],"sum":["-1cp-4","0p0"]}
{"key":"4003ff null","n":[1,0,0],"sum":["-1cp-4","0p0"]}
{"key":"4013ff \"chat\"","n":[1,0,0],"sum":["-ep-4","2p-4"]}
{"key":"800000 \"math\"","n":[1,0,0],"sum":["0p0","2f394219248446p-120"]}
{"key":"bfe800 \"chat\"","n":[1,1,0],"sum":["cp-4","4p-4"]}
{"key":"bff000 null","n":[1,0,0],"sum":["1p0","0p0"]}
{"key":"c00c00 \"math\"","n":[1,0,0],"sum":["38p-4","8p-4"]}
{"key":"c02fff \"math\"","n":[1,0,0],"sum":["fffdf3b645a1dp-48","30020c49ba5e34p-52"]}
{"key":"c03000 \"math\"","n":[1,0,0],"sum":["1p4","3p0"]}
{"rows":11,"xxh3_128":"e7b50bed428bfbaf8c404aa53f04eb94"}
