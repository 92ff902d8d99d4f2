{"id":20,"prompt":"p4","reject":{"by":"shard","why":"no '/meta/s'"}}
