import { createServer, type Server } from 'node:http';
import { PATHS } from '../../contract.cjs';
import type { Metrics } from './metrics.js';

/** `/metrics`, on a port of its own, so that no route to the public can reach it by mistake. */
export function createMetricsServer(metrics: Metrics): Server {
  return createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== PATHS.metrics) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`Metrics are at ${PATHS.metrics}.\n`);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else {
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    }
  });
}
