{"fit":1,"tool":"strength","format":1,"options":{"normalize":"none","pairs":true},"records":12}
{"key":"4004ff","n":[1]}
{"key":"400cff","n":[1]}
{"key":"400e7f","n":[1]}
{"key":"401733","n":[1]}
{"key":"401d99","n":[1]}
{"key":"bfd600","n":[1]}
{"key":"bfde66","n":[1]}
{"key":"bfe000","n":[1]}
{"key":"bfe800","n":[1]}
{"key":"bff400","n":[1]}
{"key":"c00000","n":[1]}
{"key":"model a","n":[10,4,5],"sum":["-47p-4","1a75p-8"]}
{"key":"model b","n":[10,6,4],"sum":["-36p-4","561cp-8"]}
{"key":"model c","n":[10,5,5],"sum":["16p-4","33e4p-8"]}
{"key":"model d","n":[10,6,4],"sum":["1ep-4","3b3cp-8"]}
{"key":"model tab\\09here \\5c é","n":[4,2,1],"sum":["-14p-4","33p-4"]}
{"key":"pair a\tb","n":[9],"sum":["-2fp-4","-56p-4","1835p-8","521cp-8","2bdap-8"]}
{"key":"pair a\tc","n":[10],"sum":["-47p-4","16p-4","1a75p-8","33e4p-8","-1daap-8"]}
{"key":"pair a\td","n":[10],"sum":["-47p-4","1ep-4","1a75p-8","3b3cp-8","-138p-8"]}
{"key":"pair a\ttab\\09here \\5c é","n":[4],"sum":["-18p-4","-14p-4","26p-4","33p-4","29p-4"]}
{"key":"pair b\tc","n":[9],"sum":["-56p-4","-16p-4","521cp-8","2c54p-8","-2ea4p-8"]}
{"key":"pair b\td","n":[9],"sum":["-56p-4","-ap-4","521cp-8","34fcp-8","dc8p-8"]}
{"key":"pair b\ttab\\09here \\5c é","n":[3],"sum":["4p-4","8p-4","198p-8","2p-4","0p0"]}
{"key":"pair c\td","n":[10],"sum":["16p-4","1ep-4","33e4p-8","3b3cp-8","-51cp-8"]}
{"key":"pair c\ttab\\09here \\5c é","n":[4],"sum":["4p-4","-14p-4","b7p-4","33p-4","-58p-4"]}
{"key":"pair d\ttab\\09here \\5c é","n":[4],"sum":["68p-4","-14p-4","1a28p-8","33p-4","-3c8p-8"]}
{"key":"panel","n":[11]}
{"key":"rest a","n":[10],"sum":["-47p-4","-150000000000008p-56","1a75p-8","9c8638e38e38df71c71c71c71c84p-108","50eaaaaaaaaaa88p-56"]}
{"key":"rest b","n":[9],"sum":["-56p-4","-1a5555555555556p-56","521cp-8","4a57fffffffffeb2aaaaaaaaaaaf4p-112","330ffffffffffec4p-60"]}
{"key":"rest c","n":[10],"sum":["16p-4","-37555555555555p-52","33e4p-8","1d8e2aaaaaaaaa82000000000001p-104","-1ccaaaaaaaaaaaa2p-56"]}
{"key":"rest d","n":[10],"sum":["1ep-4","-315555555555564p-56","3b3cp-8","a040e38e38e39269c71c71c71c99p-108","ddaaaaaaaaaa5bp-56"]}
{"key":"rest tab\\09here \\5c é","n":[4],"sum":["-14p-4","1bp-4","33p-4","3be8p-12","-23ap-8"]}
{"rows":32,"xxh3_128":"2a4a80d5292ddd9b1cc0c10476fdc718"}
