#!/usr/bin/python3
"""execute_values.py CONNINFO texts|lists ROWS - the script that is usually written for a new embedding, with a model that takes no time

Reads rows by key, a thousand at a time, and upserts with psycopg2's execute_values: vectors as text that is ready, or as lists of floats. Prints the seconds that it took.
"""
import hashlib
import random
import sys
import time

import psycopg2
from psycopg2.extras import execute_values

PAGE = 1000
conninfo, form, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(1)
vectors = [[random.uniform(-0.0625, 0.0625) for _ in range(1024)] for _ in range(64)]
if form == "texts":
    vectors = ["[" + ",".join("%.8g" % number for number in vector) + "]" for vector in vectors]

begin = time.monotonic()
connection = psycopg2.connect(conninfo)
cursor = connection.cursor()
last = 0
while last < rows:
    cursor.execute("SELECT id, content FROM memory WHERE id > %s ORDER BY id LIMIT %s", (last, min(PAGE, rows - last)))
    page = cursor.fetchall()
    if not page:
        break
    last = page[-1][0]
    execute_values(cursor, "INSERT INTO memory_new (id, input, embedding) VALUES %s ON CONFLICT (id) DO UPDATE SET input = excluded.input, embedding = excluded.embedding",
                   [(id, hashlib.sha256(content.encode()).digest(), vectors[id % len(vectors)]) for id, content in page], template="(%s, %s, %s::vector)", page_size=PAGE)
    connection.commit()
print("%.3f" % (time.monotonic() - begin))
