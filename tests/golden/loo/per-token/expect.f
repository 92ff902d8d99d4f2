{"fit":1,"tool":"vote","format":1,"options":{"method":"dawid-skene","from_scores":true,"per_token":true,"by_order":false},"records":2}
{"key":"lm\tc","n":[1]}
{"key":"lm\tc\tx\tc","n":[1]}
{"rows":2,"xxh3_128":"fa70644e851e7a2aef2f0b695e9507a4"}
