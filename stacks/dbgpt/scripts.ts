/**
 * Makes the tables of DB-GPT in MySQL: the one in which controllers register models, and those of the web server. It
 * runs in DB-GPT's own image before each controller and each web server, as often as one likes: what is there stays as
 * it is, and a lock of the server lets one pod work while the others wait.
 *
 * The registry's table is seed 003's. The web server's are those of the image's own `assets/schema/dbgpt.sql`, up to
 * its example databases; half of its statements lack the IF NOT EXISTS that a second run needs, and one table a column
 * that the program asks for.
 */
export const TABLES_SCRIPT = String.raw`import os
import re
import ssl
import sys
import time
from urllib.parse import parse_qsl

import pymysql

REGISTRY = """
CREATE TABLE IF NOT EXISTS dbgpt_cluster_registry_instance (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  model_name VARCHAR(128) NOT NULL,
  host VARCHAR(128) NOT NULL,
  port INT NOT NULL,
  weight FLOAT DEFAULT 1.0,
  check_healthy TINYINT(1) DEFAULT 1,
  healthy TINYINT(1) DEFAULT 0,
  enabled TINYINT(1) DEFAULT 1,
  prompt_template VARCHAR(128) DEFAULT NULL,
  last_heartbeat DATETIME DEFAULT NULL,
  user_name VARCHAR(128) DEFAULT NULL,
  sys_code VARCHAR(128) DEFAULT NULL,
  gmt_created DATETIME DEFAULT CURRENT_TIMESTAMP,
  gmt_modified DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY uk_model_instance (model_name, host, port, sys_code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
"""

# Columns that DB-GPT 0.8 asks for and its own script forgets: without this one no knowledge space can be made.
FORGOTTEN = [("knowledge_space", "index_methods", "VARCHAR(500)")]

# Strings, names in backticks, comments, and the semicolons between them.
TOKEN = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\x60[^\x60]*\x60|--[^\n]*|/\*.*?\*/|;""", re.S)


def connect(name, options):
    verified = "ssl_ca" in options or "ssl_capath" in options
    context = ssl.create_default_context(cafile=options.get("ssl_ca"), capath=options.get("ssl_capath"))
    account = {key: os.environ["MYSQL_" + key.upper()] for key in ("user", "password")}
    deadline = time.monotonic() + float(os.environ.get("MYSQL_WAIT", "300"))
    while True:
        try:
            return pymysql.connect(
                host=os.environ["MYSQL_HOST"].strip("[]"),
                port=int(os.environ["MYSQL_PORT"]),
                **account,
                database=name,
                charset="utf8mb4",
                connect_timeout=10,
                ssl=context if verified else None,
            )
        except pymysql.err.OperationalError as error:
            print(f"waiting for the database: {error}", file=sys.stderr, flush=True)
            if time.monotonic() > deadline:
                sys.exit(1)
            time.sleep(2)


def statements(sql):
    parts, start = [], 0
    for match in TOKEN.finditer(sql):
        token = match.group()
        if token != ";" and not token.startswith(("--", "/*")):
            continue
        parts.append(sql[start : match.start()])
        start = match.end()
        if token == ";":
            yield "".join(parts).strip()
            parts = []


def tables(path):
    with open(path, encoding="utf-8") as file:
        for statement in statements(file.read()):
            if re.match(r"USE\s+(?!\x60?dbgpt\b)", statement, re.I):
                return
            body = re.match(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(.*)", statement, re.I | re.S)
            if body:
                yield "CREATE TABLE IF NOT EXISTS " + body.group(1)


def main():
    name, _, query = os.environ["MYSQL_DATABASE"].partition("?")
    wanted = [REGISTRY]
    script = os.environ.get("TABLES")
    if script:
        if not os.path.exists(script):
            sys.exit(f"the image has no {script}: it must be DB-GPT's from 0.7 on")
        wanted += tables(script)
    connection = connect(name, dict(parse_qsl(query)))
    lock = f"dbgpt-tables-{name}"[:64]
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 300)", (lock,))
        if cursor.fetchone()[0] != 1:
            sys.exit("another pod has been making tables for five minutes")
        for statement in wanted:
            cursor.execute(statement)
        for table, column, kind in FORGOTTEN:
            cursor.execute(
                "SELECT SUM(COLUMN_NAME = %s), COUNT(*) FROM information_schema.COLUMNS"
                " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s",
                (column, table),
            )
            known, columns = cursor.fetchone()
            if columns and not known:
                cursor.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
        cursor.execute("SELECT RELEASE_LOCK(%s)", (lock,))
    connection.close()
    print(f"made {len(wanted)} tables, or found them there")


main()
`;

/**
 * What probes of controllers and workers ask, since neither has an address that says it.
 *
 * `controller`: its thread that takes dead workers out of the registry ends for good when the database fails it once,
 * and nothing shows that but a worker which is called healthy long after its last heartbeat. Then it must be restarted.
 * `worker`: it serves once a controller lists it, which is after its model was loaded.
 */
export const PROBE_SCRIPT = `import datetime
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def instances(address, **query):
    url = f"{address}/api/controller/models?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=3) as response:
        return json.load(response)


def controller():
    try:
        known = instances("http://127.0.0.1:" + os.environ["PORT"], healthy_only="true")
    except urllib.error.HTTPError:
        # It answers; its database does not, which a restart would not mend.
        return
    longest = datetime.timedelta(seconds=3 * int(os.environ["HEARTBEAT_TIMEOUT"]))
    for one in known:
        if one["last_heartbeat"] is None:
            continue
        silence = datetime.datetime.now() - datetime.datetime.fromisoformat(one["last_heartbeat"])
        if silence > longest:
            sys.exit(f"{one['model_name']} at {one['host']} is called healthy, and silent for {silence}")


def worker():
    for address in os.environ["CONTROLLERS"].split(","):
        try:
            known = instances(address, model_name=os.environ["WORKER_KEY"], healthy_only="true")
        except OSError:
            continue
        if any(one["host"] == os.environ["WORKER_HOST"] for one in known):
            return
    sys.exit("no controller lists this worker yet")


{"controller": controller, "worker": worker}[sys.argv[1]]()
`;

/**
 * What a worker does before it is told to end: it takes its model out of the registry, so that nothing new is sent to
 * it, while what it is generating goes on. Left alone it would be called healthy until it has gone.
 */
export const LEAVE_SCRIPT = `import json
import os
import sys
import time
import urllib.request

name, kind = os.environ["WORKER_KEY"].rsplit("@", 1)
request = urllib.request.Request(
    "http://127.0.0.1:" + os.environ["PORT"] + "/api/worker/apply",
    data=json.dumps({"model": name, "apply_type": "stop", "worker_type": kind}).encode(),
    headers={"Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request, timeout=5) as response:
        answer = json.load(response)
    if not answer["success"]:
        print(answer["message"], file=sys.stderr)
except OSError as error:
    print(f"left without a word to the controllers: {error}", file=sys.stderr)
time.sleep(float(sys.argv[1]))
`;
