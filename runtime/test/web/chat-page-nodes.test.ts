import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { BreakableProxy } from '../support/breakable-proxy.js';
import { askGreedily, launchChromium } from '../support/chromium.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const ANSWER = '.message.assistant .body';

describe('the chat page before several nodes', () => {
  let redis: TestRedis;
  let browser: Browser;
  let first: TestNode;
  let second: TestNode;
  let proxy: BreakableProxy;
  before(async () => {
    redis = await startTestRedis();
    const start = (nodeId: string) =>
      startTestNode({
        nodeId,
        models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 20 }],
        redis: { host: redis.host, port: redis.port },
      });
    [browser, first, second] = await Promise.all([launchChromium(), start('first'), start('second')]);
    proxy = await BreakableProxy.start(first.url);
  });
  after(async () => {
    await browser?.close();
    proxy?.stop();
    await second?.stop();
    await redis?.stop();
  });

  it('reads on at another node when its own is gone', async () => {
    const page = await browser.newPage();
    await askGreedily(page.context());
    page.setDefaultTimeout(60_000);
    let resumeUrl: string | undefined;
    page.on('response', (response) => {
      resumeUrl ??= response.headers()['polypod-resume-url'];
    });
    await page.goto(proxy.url);
    await page.waitForSelector('#model:enabled');
    await page.fill('#input', 'Who are you?');
    await page.press('#input', 'Enter');
    await eventually(async () => ((await page.textContent(ANSWER)) ?? '').length >= 40, 'forty characters');
    proxy.cut();
    proxy.leadTo(second.url);
    await first.stop();
    proxy.mend();
    await page.waitForSelector('#send:visible');
    assert.equal(await page.textContent('.message.assistant .source'), 'demo · second');
    const shown = await page.textContent(ANSWER);
    assert.ok(resumeUrl);
    const { href } = new URL(resumeUrl, second.url);
    const events = await (await page.request.get(href)).text();
    const written = [...events.matchAll(/^data: (\{.*\})$/gm)]
      .map(([, json]) => JSON.parse(json ?? '').choices[0]?.delta.content ?? '')
      .join('');
    assert.equal(shown?.replaceAll(/\s+/g, ' ').trim(), written.replaceAll(/\s+/g, ' ').trim());
  });
});
