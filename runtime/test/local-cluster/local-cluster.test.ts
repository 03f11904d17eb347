import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { LocalCluster } from '../../local-cluster/local-cluster.js';
import type { LocalNode } from '../../local-cluster/local-node.js';
import { freePort } from '../../src/free-port.js';
import { DEMO_SENTENCES } from '../../src/models/gguf/demo-text.js';
import { launchChromium } from '../support/chromium.js';
import { eventually } from '../support/cluster.js';

const COMMAND = fileURLToPath(new URL('../../local-cluster/main.js', import.meta.url));
const ANSWER = '.message.assistant .body';
/** Lets the page ask for the likeliest answer, which is the longest one. */
const UNSAMPLED = `
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const frame = JSON.parse(text);
    send.call(this, JSON.stringify(frame.type === 'start' ? { ...frame, options: { temperature: 0 } } : frame));
  };
`;

it('npm run cluster prints where everything is, and leaves nothing behind', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [COMMAND, '--nodes', '2', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually(() => said.includes('Ctrl-C') || child.exitCode !== null, 'a cluster that runs');
  const base = `http://localhost:${port}`;
  const urls = [...said.matchAll(/http:\/\/\S+/g)].map(([url]) => url);
  for (const path of ['/', '/cluster', '/v1', '/auth/login']) assert.ok(urls.includes(base + path), said);
  for (const url of urls) {
    const path = url === `${base}/v1` ? '/models' : '';
    assert.equal((await fetch(url + path)).status, 200, url + path);
  }
  const [, directory = ''] = /Files +(\S+)/.exec(said) ?? [];
  await access(directory);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
  await assert.rejects(access(directory), 'the folder is gone');
  await assert.rejects(fetch(base), 'nobody listens');
});

describe('the chat page before a local cluster', () => {
  let cluster: LocalCluster;
  let browser: Browser;
  before(async () => {
    [browser, cluster] = await Promise.all([
      launchChromium(),
      LocalCluster.start({
        config: {
          logLevel: 'warn',
          models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 20 }],
        },
      }),
    ]);
  });
  after(async () => {
    await browser?.close();
    await cluster?.stop();
  });

  const metric = async ({ metricsUrl }: LocalNode, name: string): Promise<number> => {
    const text = await fetch(metricsUrl).then(
      (response) => response.text(),
      () => '',
    );
    return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  const nodeWith = async (name: string): Promise<LocalNode> => {
    let found: LocalNode | undefined;
    await eventually(async () => {
      for (const node of cluster.nodes) if ((await metric(node, name)) > 0) found = node;
      return found !== undefined;
    }, `a node with ${name}`);
    assert.ok(found);
    return found;
  };
  const shown = async (page: Page) => ((await page.textContent(ANSWER)) ?? '').replaceAll(/\s+/g, ' ').trim();

  it('loses no word when the node that answers is killed, and the one that the page talks to', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    await page.addInitScript(UNSAMPLED);
    await page.goto(cluster.url);
    await page.waitForSelector('#model:enabled');
    await page.fill('#input', 'Who are you?');
    await page.press('#input', 'Enter');
    const killed: LocalNode[] = [];
    for (const [characters, name] of [
      [10, 'polypod_websocket_connections'],
      [25, 'polypod_streams_running'],
    ] as const) {
      await eventually(
        async () => (await page.locator(ANSWER).count()) > 0 && (await shown(page)).length >= characters,
        'more of the answer',
      );
      const node = await nodeWith(name);
      await node.process.kill('SIGKILL');
      killed.push(node);
    }
    assert.equal(new Set(killed).size, 2, 'one node is left');
    await page.waitForSelector('#send:visible');
    const text = await shown(page);
    assert.equal(text, DEMO_SENTENCES.join(' '));
    const kept: { data: { status: string; content: { text: string }[] }[] } = await page.evaluate(
      `fetch('/v1/conversations/' + location.hash.slice(1) + '/items').then((answer) => answer.json())`,
    );
    const stored = kept.data.find(({ content }) => content[0]?.text.startsWith('Hello!'));
    assert.equal(stored?.content[0]?.text.replaceAll(/\s+/g, ' ').trim(), text);
    assert.equal(stored?.status, 'completed');
    await page.close();
  });
});
