import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PATHS } from '../contract.cjs';
import { ServerProcess } from './server-process.js';

/** Cookie by which a browser's WebSockets meet on one node. */
const AFFINITY = 'polypod_affinity';

export interface NginxOptions {
  /** For its configuration, logs and buffers. */
  readonly directory: string;
  readonly port: number;
  /** Where it shows its own figures. */
  readonly statusPort: number;
  /** Address and port of each node's API. */
  readonly nodes: readonly string[];
}

/** Starts nginx before the nodes: sticky by cookie for WebSockets, to the least busy node otherwise. */
export async function startNginx(options: NginxOptions): Promise<ServerProcess> {
  const { directory, statusPort } = options;
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'nginx.conf');
  await writeFile(file, nginxConfig(options));
  const server = new ServerProcess({
    name: 'nginx',
    command: 'nginx',
    args: ['-p', directory, '-c', file, '-e', join(directory, 'error.log')],
    logFile: join(directory, 'error.log'),
  });
  await server.start(() => answers(`http://127.0.0.1:${statusPort}/nginx-status`));
  return server;
}

function nginxConfig({ directory, port, statusPort, nodes }: NginxOptions): string {
  // A node that fails is left out for two seconds; with 30, as many guides have it, a restart of all leaves none.
  const servers = nodes.map((node) => `    server ${node} max_fails=3 fail_timeout=2s;`).join('\n');
  const root = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `${root}daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;

events {
  worker_connections 8192;
}

http {
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  log_format upstream '$remote_addr "$request" $status upstream=$upstream_addr tried=$upstream_status $request_time';
  access_log ${directory}/access.log upstream;

  # Not by address: that is one for a whole office, and for everybody behind a second proxy; a phone's changes.
  map $cookie_${AFFINITY} $affinity {
    default $cookie_${AFFINITY};
    ''      $request_id;
  }
  map $cookie_${AFFINITY} $new_affinity {
    default '';
    ''      '${AFFINITY}=$request_id; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax';
  }

  upstream chat {
    hash $affinity consistent;
${servers}
  }

  upstream api {
    least_conn;
${servers}
    keepalive 64;
  }

  map $http_upgrade $connection_upgrade {
    default upgrade;
    ''      '';
  }

  server {
    listen 127.0.0.1:${port};
    client_max_body_size 8m;

    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_connect_timeout 2s;
    # Streams are quiet while a prompt is computed; the nodes send comments meanwhile.
    proxy_read_timeout 1h;
    # Each event at once.
    proxy_buffering off;
    # What no node has begun to answer goes to another one.
    proxy_next_upstream error timeout http_502 http_503;

    location / {
      proxy_pass http://api;
    }

    # Generating twice costs time only: the first answer has no reader and ends.
    location /v1/ {
      proxy_pass http://api;
      proxy_next_upstream error timeout http_502 http_503 non_idempotent;
    }

    location = ${PATHS.chat} {
      proxy_pass http://chat;
      add_header Set-Cookie $new_affinity always;
    }
  }

  server {
    listen 127.0.0.1:${statusPort};
    access_log off;

    location = /nginx-status {
      stub_status;
    }
  }
}
`;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
