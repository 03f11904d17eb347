import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { BreakableProxy } from '../support/breakable-proxy.js';
import { askGreedily, launchChromium } from '../support/chromium.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';

const QUICK = { id: 'quick', source: 'demo:', threads: 1, tokensPerSecond: 0 };
/** Its answer takes ten seconds, so that much can happen meanwhile on any machine. */
const STEADY = { ...QUICK, id: 'steady', tokensPerSecond: 20 };
/** Who asks while it answers somebody else waits some ten seconds for the first word. */
const LATE = { ...QUICK, id: 'late', tokensPerSecond: 0.1 };
const ANSWER = '.message.assistant .body';
const NOTE = '.message.assistant .note';

describe('the chat page in Chromium', () => {
  let browser: Browser;
  let node: TestNode;
  let proxy: BreakableProxy;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];
  let resumeUrl: string | undefined;

  before(async () => {
    [browser, node] = await Promise.all([
      launchChromium(),
      startTestNode({ nodeId: 'node-7', models: [QUICK, STEADY, LATE] }),
    ]);
    proxy = await BreakableProxy.start(node.url);
  });
  after(async () => {
    await browser?.close();
    proxy?.stop();
    await node?.stop();
  });
  beforeEach(async () => {
    problems = [];
    resumeUrl = undefined;
    context = await browser.newContext();
    await askGreedily(context);
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) problems.push(message.text());
    });
    page.on('response', (response) => {
      resumeUrl ??= response.headers()['polypod-resume-url'];
    });
    await page.goto(proxy.url);
    await page.waitForSelector('#model:enabled');
  });
  afterEach(async () => {
    proxy.mend();
    await context.close();
    assert.deepEqual(problems, []);
  });

  const ask = async (text: string, model: 'quick' | 'steady' | 'late' = 'quick') => {
    await page.selectOption('#model', model);
    await page.fill('#input', text);
    await page.press('#input', 'Enter');
  };
  const words = async () => ((await page.textContent(ANSWER)) ?? '').length;
  const whenLong = (length: number) =>
    eventually(async () => (await words()) >= length, `${length} characters`);
  const whenDone = () => page.waitForSelector('#send:visible');
  /** What the server has written in all, read from its journal. */
  const written = async (): Promise<string> => {
    assert.ok(resumeUrl);
    const events = await (await page.request.get(new URL(resumeUrl, node.url).href)).text();
    return [...events.matchAll(/^data: (\{.*\})$/gm)]
      .map(([, json]) => JSON.parse(json ?? '').choices[0]?.delta.content ?? '')
      .join('');
  };
  const stored = async () => {
    const key = "Object.keys(localStorage).find((each) => each.startsWith('polypod.conversation.'))";
    return JSON.parse(await page.evaluate(`localStorage.getItem(${key})`));
  };
  const focused = () =>
    page.evaluate<string>('document.activeElement.id || document.activeElement.className');

  it('streams an answer, says who wrote it, and keeps it over a reload', async () => {
    await ask('Who are you?', 'steady');
    await whenLong(5);
    const early = await words();
    await whenLong(early + 5);
    assert.equal(await page.isVisible('#stop'), true);
    await whenDone();
    assert.equal((await stored()).messages[1].content, await written());
    assert.equal(await page.textContent('.message.assistant .source'), 'steady · node-7');
    const text = await page.textContent(ANSWER);
    await page.reload();
    await page.waitForSelector(ANSWER);
    assert.equal(await page.textContent(ANSWER), text);
    assert.equal(await page.textContent('#conversations .open'), 'Who are you?');
  });

  it('loses and repeats no word when the network is cut in the middle', async () => {
    await ask('Who are you?', 'steady');
    for (const length of [10, 40, 80]) {
      await whenLong(length);
      proxy.cut();
      await page.waitForSelector('#connection:visible');
      proxy.mend();
      await page.waitForSelector('#connection', { state: 'hidden' });
    }
    await whenDone();
    const { messages } = await stored();
    assert.equal(messages[1].content, await written());
    assert.equal(messages[1].state, undefined);
    assert.equal(await page.isHidden('#connection'), true);
  });

  it('tries again when the way back leads nowhere', async () => {
    await ask('Who are you?', 'steady');
    await whenLong(10);
    proxy.leadNowhere();
    await eventually(async () => proxy.swallowed > 0, 'an attempt that gets no answer');
    proxy.mend();
    await whenDone();
    assert.equal((await stored()).messages[1].content, await written());
  });

  it('goes on with an answer after the page was closed in the middle', async () => {
    await ask('Who are you?', 'steady');
    await whenLong(30);
    await page.reload();
    await whenLong(60);
    await whenDone();
    assert.equal((await stored()).messages[1].content, await written());
  });

  it('goes on with an answer that was left before its first word', async () => {
    const before = await node.client.chat.completions.create({
      model: 'late',
      messages: [{ role: 'user', content: 'Who are you?' }],
      logit_bias: { 257: -100 },
      stream: true,
    });
    await before[Symbol.asyncIterator]().next();
    await ask('Who are you?', 'late');
    await page.waitForSelector('.message.assistant .source >> text=node-7');
    assert.ok((await stored()).messages[1].position, 'it is kept at once');
    await page.click('#new');
    await page.click('#conversations .open >> text=Who are you?');
    await page.waitForSelector('.message.assistant.writing');
    await page.reload();
    await page.waitForSelector('.message.assistant.writing');
    await whenLong(1);
    await page.click('#stop');
    before.controller.abort();
  });

  it('stops by button and by Escape, on the server too', async () => {
    await ask('Who are you?', 'steady');
    await whenLong(10);
    await page.click('#stop');
    // Shown together with the last of the text.
    await page.waitForSelector(`${NOTE} >> text=stopped`);
    const length = await words();
    await sleep(500);
    assert.equal(await words(), length);
    assert.match((await page.textContent(NOTE)) ?? '', /stopped/);
    assert.equal(await focused(), 'input');
    assert.ok(resumeUrl);
    assert.match(
      await (await page.request.get(new URL(resumeUrl, node.url).href)).text(),
      /stream_cancelled/,
    );

    await page.click(`${NOTE} .link`);
    await whenLong(5);
    await page.keyboard.press('Escape');
    await whenDone();
    assert.equal(await page.locator('.message').count(), 2, 'trying again replaces the answer');
  });

  it('says what went wrong, and tries again when told to', async () => {
    proxy.cut();
    await ask('Who are you?');
    await page.waitForSelector(`${NOTE}.failed`);
    assert.match((await page.textContent(NOTE)) ?? '', /can’t be reached/);
    proxy.mend();
    await page.click(`${NOTE} .link`);
    await whenLong(10);
    await whenDone();
    assert.equal(await page.locator('.note:visible').count(), 0);
  });

  it('shows what a model writes as text, whatever it is', async () => {
    const hostile = [
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
      '[link](javascript:window.hacked=1) [good](https://example.com/) ![pixel](https://example.com/x.png)',
      '',
      '```js',
      'const a = "<b>";',
      '```',
      '',
      '| a | b |',
      '| - | - |',
      '| **1** | `2` |',
    ].join('\n');
    await page.route('**/v1/chat/completions', (route) =>
      route.fulfill({
        headers: { 'content-type': 'text/event-stream' },
        body: `id: 0\ndata: ${JSON.stringify({ choices: [{ delta: { content: hostile } }] })}\n\nid: 1\ndata: [DONE]\n\n`,
      }),
    );
    await ask('<b>bold</b>');
    await page.waitForSelector(`${ANSWER} .code`);
    assert.equal(await page.textContent('.message.user .body'), '<b>bold</b>');
    assert.match((await page.textContent(ANSWER)) ?? '', /<script>window\.hacked=1<\/script>/);
    assert.equal(await page.locator(`${ANSWER} script, ${ANSWER} img`).count(), 0);
    const links = await page
      .locator(`${ANSWER} a`)
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    assert.deepEqual(links, ['https://example.com/', 'https://example.com/x.png']);
    assert.equal(await page.textContent(`${ANSWER} pre code`), 'const a = "<b>";');
    assert.equal(await page.textContent(`${ANSWER} td strong`), '1');
    assert.equal(await page.evaluate("'hacked' in window"), false);
  });

  it('works by keyboard alone, and speaks to screen readers', async () => {
    assert.equal(await focused(), 'input');
    await page.focus('.skip');
    const order: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    assert.deepEqual(order, ['new', 'model', 'prompt', 'prompt', 'input', 'send']);

    await page.focus('#input');
    await page.keyboard.type('Line one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('line two');
    await page.keyboard.press('Enter');
    assert.equal(await page.textContent('.message.user .body'), 'Line one\nline two');
    await whenDone();
    const status = (await page.textContent('[role=status]')) ?? '';
    assert.match(status, /^The assistant has answered: ./);
    const unnamed = await page.evaluate(`[...document.querySelectorAll('button, select, textarea')].filter(
      (each) => !each.getAttribute('aria-label') && !each.labels?.length && !each.textContent.trim(),
    ).length`);
    assert.equal(unnamed, 0);
  });

  it('keeps conversations apart, opens them again, and deletes them', async () => {
    await ask('First');
    await whenDone();
    await page.click('#new');
    assert.equal(await page.isVisible('#welcome'), true);
    await ask('Second', 'steady');
    await whenLong(1);
    await page.keyboard.press('Escape');
    await whenDone();
    assert.match((await page.textContent('.message.assistant .source')) ?? '', /^steady/);
    assert.deepEqual(await page.locator('#conversations .open').allTextContents(), ['Second', 'First']);
    await page.click('#conversations .open >> text=First');
    assert.equal(await page.textContent('.message.user .body'), 'First');
    await page.click('[aria-label="Delete “First”"]');
    assert.deepEqual(await page.locator('#conversations .open').allTextContents(), ['Second']);
    assert.equal(await page.isVisible('#welcome'), true);
    await page.reload();
    await page.waitForSelector('#model:enabled');
    assert.equal(await page.inputValue('#model'), 'steady', 'the choice of a model is remembered');
  });

  it('fits a screen of 320 pixels', async () => {
    await page.setViewportSize({ width: 320, height: 568 });
    await ask(
      'Tell me something about a word that is so-very-long-that-it-does-not-fit-into-one-line-of-a-telephone',
    );
    await whenDone();
    const width = await page.evaluate('document.documentElement.scrollWidth');
    const wider = await page.evaluate(`[...document.querySelectorAll('main *')].filter(
      (each) => each.getBoundingClientRect().right > innerWidth + 1,
    ).length`);
    assert.equal(width, 320);
    assert.equal(wider, 0);
    // It slides away.
    await page.waitForSelector('#new', { state: 'hidden' });
    await page.click('#toggle');
    await page.waitForSelector('#new:visible');
    await page.keyboard.press('Escape');
    await page.waitForSelector('#new', { state: 'hidden' });
    assert.equal(await focused(), 'toggle');
  });

  it('is served with a policy that lets nothing in from elsewhere', async () => {
    const answer = await fetch(node.url);
    assert.equal(answer.status, 200);
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const html = await answer.text();
    assert.doesNotMatch(html, /<script(?![^>]* src=)|\son\w+=|\sstyle=/);
    for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const asset = await fetch(new URL(path, node.url));
      assert.equal(asset.status, 200, path);
      const etag = asset.headers.get('etag') ?? '';
      const again = await fetch(new URL(path, node.url), { headers: { 'if-none-match': etag } });
      assert.equal(again.status, 304, path);
    }
    for (const path of [
      '/assets/nothing.js',
      '/assets/index.html',
      '/assets/..%2fmain.js',
      '/assets/constructor',
    ]) {
      const missing = await fetch(`${node.url}${path}`);
      assert.equal(missing.status, 404, path);
      assert.match(await missing.text(), /"error"/);
    }
  });
});
