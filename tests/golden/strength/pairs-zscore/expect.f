{"fit":1,"tool":"strength","format":1,"options":{"normalize":"zscore","pairs":true,"step":"quantiles","scales":"5a2afc21a7ac7902f29a9be534c900c3"},"records":12}
{"key":"40175e","n":[1]}
{"key":"401d4c","n":[1]}
{"key":"4024d3","n":[1]}
{"key":"402d7c","n":[1]}
{"key":"4030af","n":[1]}
{"key":"40348b","n":[1]}
{"key":"bfc324","n":[1]}
{"key":"bfca70","n":[1]}
{"key":"bfd512","n":[1]}
{"key":"bfe1c6","n":[1]}
{"key":"bfe5f4","n":[1]}
{"key":"model a","n":[10,4,5],"sum":["-2f902d1429d2c3cp-56","bdf876aef073cb600762f81002718p-112"]}
{"key":"model b","n":[10,6,4],"sum":["-12866bcf78995ap-52","a22515fd25b173f004a9492cb5ap-104"]}
{"key":"model c","n":[10,5,5],"sum":["9ace9d09503a5ap-56","a095c85f807fc8419b42bb1f42434p-112"]}
{"key":"model d","n":[10,6,4],"sum":["c5cf3600136b7cp-56","a0f48db4872f14d9e0bcf17251c9p-108"]}
{"key":"model tab\\09here \\5c é","n":[4,2,1],"sum":["-17eafcffe812c58p-56","48f044a5e641cc67c5cdef95e582p-108"]}
{"key":"pair a\tb","n":[9],"sum":["-1f7c491bc5268fcp-56","-1d80bea93b530ap-52","add096040905119af02730b159718p-112","9a9ce20e30408d898a03f22f25ap-104","a13e82b743f5c5ff8505919b7f8ap-108"]}
{"key":"pair a\tc","n":[10],"sum":["-2f902d1429d2c3cp-56","9ace9d09503a5ap-56","bdf876aef073cb600762f81002718p-112","a095c85f807fc8419b42bb1f42434p-112","-8bd5638176136de3ae488901e8464p-112"]}
{"key":"pair a\td","n":[10],"sum":["-2f902d1429d2c3cp-56","c5cf3600136b7cp-56","bdf876aef073cb600762f81002718p-112","a0f48db4872f14d9e0bcf17251c9p-108","-562237dfedf2bbaed1733ad5c2dp-108"]}
{"key":"pair a\ttab\\09here \\5c é","n":[4],"sum":["-1013e3f864ac34p-52","-17eafcffe812c58p-56","110da609bb66a7bacf7d484db4708p-112","48f044a5e641cc67c5cdef95e582p-108","20d8b8570f25c97429e91659909f8p-112"]}
{"key":"pair b\tc","n":[9],"sum":["-1d80bea93b530ap-52","-9ace9d09503a66p-56","9a9ce20e30408d898a03f22f25ap-104","892e79736c89d6b56582e8cb59434p-112","-7096faa967a7fa8c301025ea52dp-104"]}
{"key":"pair b\td","n":[9],"sum":["-1d80bea93b530ap-52","-41efbcaab123d4p-56","9a9ce20e30408d898a03f22f25ap-104","8ff8ef640778fc4fab34d146aa39p-108","1f2c53abcacb05ff931632da81d4p-108"]}
{"key":"pair b\ttab\\09here \\5c é","n":[3],"sum":["15f4a5b385736p-52","99131fff66de88p-56","30044b135cafbccd4dde0a9076p-104","2dc3eed6866f8ea816cc82e8142p-108","0p0"]}
{"key":"pair c\td","n":[10],"sum":["9ace9d09503a5ap-56","c5cf3600136b7cp-56","a095c85f807fc8419b42bb1f42434p-112","a0f48db4872f14d9e0bcf17251c9p-108","-ed0fd43f7f5ceace65caf1ae0d7p-108"]}
{"key":"pair c\ttab\\09here \\5c é","n":[4],"sum":["1c2590ea6bad7ep-56","-17eafcffe812c58p-56","23653c1f39b1526f1b4d35b2c6c64p-112","48f044a5e641cc67c5cdef95e582p-108","-2e488644d7d5a4cb0db53840f652p-108"]}
{"key":"pair d\ttab\\09here \\5c é","n":[4],"sum":["2adbd43bbff0e38p-56","-17eafcffe812c58p-56","4712c87749abfcef9036016f4c34p-108","48f044a5e641cc67c5cdef95e582p-108","-1dd0fcb96409fc1e3793ed71e208p-108"]}
{"key":"panel","n":[11]}
{"key":"rest a","n":[10],"sum":["-2f902d1429d2c3cp-56","-c1ab2ba5451332p-56","bdf876aef073cb600762f81002718p-112","12c04b4f4be7a85089512a8033054p-112","fcffb404e431ce4eb7fd98c2a12p-108"]}
{"key":"rest b","n":[9],"sum":["-1d80bea93b530ap-52","-d6f2147902af72p-56","9a9ce20e30408d898a03f22f25ap-104","f5386050a49776966f026872d344p-112","1980d94f7e96fffa0665ed6c8e02p-108"]}
{"key":"rest c","n":[10],"sum":["9ace9d09503a5ap-56","-20a659e81edf0a6p-56","a095c85f807fc8419b42bb1f42434p-112","659de6687ee01a278f9aea4155484p-112","-67b9b1653ebddba0fab6b42cb6df4p-112"]}
{"key":"rest d","n":[10],"sum":["c5cf3600136b7cp-56","-1de1bfca4bb1087p-56","a0f48db4872f14d9e0bcf17251c9p-108","28591314f95bf883f3628f44f4471p-112","-764a9197d5089af37b2eb42b61p-104"]}
{"key":"rest tab\\09here \\5c é","n":[4],"sum":["-17eafcffe812c58p-56","91fe227980e05cp-56","48f044a5e641cc67c5cdef95e582p-108","8a3be295fe362c3d7ce983f587fp-108","-e424c56d25eb86dc9f12dafd10dp-108"]}
{"rows":32,"xxh3_128":"a81957444d1a4c9ff52dc9e01cd5b46e"}
