import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { BreakableProxy } from '../support/breakable-proxy.js';
import { askGreedily, LAST_WORDS, launchChromium } from '../support/chromium.js';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.js';

const ANSWER = '.message.assistant .body';
const CONVERSATION = '#conversations .open';
/** A folder for pictures of the page, for people to look at. */
const PICTURES = process.env.PICTURES;

describe('the chat page before servers that keep conversations', () => {
  let browser: Browser;
  let cluster: TestCluster;
  let proxy: BreakableProxy;
  let context: BrowserContext;
  let problems: string[];
  before(async () => {
    [browser, cluster] = await Promise.all([
      launchChromium(),
      startTestCluster(2, {
        config: {
          models: [
            { id: 'quick', source: 'demo:', threads: 1, tokensPerSecond: 0 },
            // Its answer takes ten seconds, so that much can happen meanwhile on any machine.
            { id: 'steady', source: 'demo:', threads: 1, tokensPerSecond: 20 },
            // What it writes does not end before somebody stops it.
            { id: 'slow', source: 'demo:', threads: 1, tokensPerSecond: 2 },
          ],
        },
      }),
    ]);
    proxy = await BreakableProxy.start(cluster.nodes[0]?.url ?? '');
    context = await browser.newContext({ reducedMotion: 'reduce' });
    await askGreedily(context);
    problems = [];
  });
  after(async () => {
    await browser?.close();
    proxy?.stop();
    await cluster?.stop();
  });

  const open = async (size = { width: 1100, height: 760 }): Promise<Page> => {
    const page = await context.newPage();
    await page.setViewportSize(size);
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) problems.push(message.text());
    });
    await page.goto(proxy.url);
    await page.waitForSelector('#model:enabled');
    return page;
  };
  const ask = async (page: Page, model: 'quick' | 'steady' | 'slow', text: string) => {
    await page.selectOption('#model', model);
    await page.fill('#input', text);
    await page.press('#input', 'Enter');
  };
  const length = async (page: Page) => ((await page.locator(ANSWER).last().textContent()) ?? '').length;
  const whenLong = (page: Page, enough: number) =>
    eventually(
      async () => (await page.locator(ANSWER).count()) > 0 && (await length(page)) >= enough,
      `an answer of ${enough} characters`,
    );
  const whenDone = (page: Page) => page.waitForSelector('#send:visible');
  const idOf = (page: Page) => page.evaluate<string>('location.hash.slice(1)');
  const stored = (page: Page): Promise<{ role: string; status: string; content: { text: string }[] }[]> =>
    page.evaluate(`fetch('/v1/conversations/' + location.hash.slice(1) + '/items?order=asc')
      .then((answer) => answer.json()).then(({ data }) => data)`);
  const whenStored = async (page: Page, count: number) => {
    const isStored = async () => {
      const items = await stored(page);
      return items.length === count && items.every(({ status }) => status !== 'in_progress');
    };
    await eventually(isStored, `storing ${count} messages`);
    return stored(page);
  };
  const squeezed = (text: string | null | undefined) => (text ?? '').replaceAll(/\s+/g, ' ').trim();
  const picture = async (page: Page, name: string) => {
    if (!PICTURES) return;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };

  it('shows two pages the same, live, and keeps it for the next', async () => {
    const one = await open();
    await ask(one, 'slow', 'Who are you?');
    await whenLong(one, 5);
    const two = await open();
    await two.click(`${CONVERSATION} >> text=Who are you?`);
    await whenLong(two, 10);
    assert.equal(await two.isVisible('#stop'), true, 'it is still being written');
    await one.click('#stop');
    await Promise.all([whenDone(one), whenDone(two)]);
    await Promise.all([one, two].map((page) => page.waitForSelector('.note >> text=stopped')));
    await whenStored(two, 2);

    await one.reload();
    await one.waitForSelector('.message.user >> text=Who are you?');
    assert.equal(await one.locator('.message').count(), 2);
    await one.waitForSelector('#model:enabled');
    await one.selectOption('#model', 'quick');
    await one.click('.note .link');
    const complete = async (page: Page) => LAST_WORDS.test(squeezed(await page.textContent(ANSWER)));
    await eventually(async () => (await complete(one)) && (await complete(two)), 'the second answer');
    assert.equal(await two.locator('.message').count(), 2, 'trying again replaces the answer, everywhere');

    await ask(two, 'quick', 'And then?');
    await one.waitForSelector('.message.user >> text=And then?');
    await Promise.all([whenDone(one), whenDone(two)]);
    const items = await whenStored(two, 4);
    for (const index of [0, 1]) {
      const shown = async (page: Page) => squeezed(await page.locator(ANSWER).nth(index).textContent());
      const kept = squeezed(items[2 * index + 1]?.content[0]?.text);
      // What comes is shown with the next frame.
      await eventually(async () => (await shown(one)) === kept && (await shown(two)) === kept, 'the same');
    }
    await picture(one, 'wide-light');
    await Promise.all([one.close(), two.close()]);
  });

  it('loses and repeats no word when the network is cut, and when the node that answers is killed', async () => {
    const page = await open();
    await ask(page, 'steady', 'Who are you?');
    for (const enough of [10, 60]) {
      await whenLong(page, enough);
      proxy.cut();
      await page.waitForSelector('#connection:visible');
      proxy.mend();
      await page.waitForSelector('#connection', { state: 'hidden' });
    }
    await whenLong(page, 120);
    proxy.cut();
    proxy.leadTo(cluster.nodes[1]?.url ?? '');
    await cluster.nodes[0]?.kill('SIGKILL');
    proxy.mend();
    await whenDone(page);
    const items = await whenStored(page, 2);
    const shown = squeezed(await page.textContent(ANSWER));
    assert.equal(shown, squeezed(items[1]?.content[0]?.text));
    assert.match(shown, LAST_WORDS);
    assert.equal(items[1]?.status, 'completed');
    assert.match((await page.textContent('.message.assistant .source')) ?? '', /node-1$/);
    await page.close();
    await cluster.nodes[0]?.launch();
  });

  it('sends what was said while the connection was lost, once', async () => {
    const page = await open();
    proxy.cut();
    await page.waitForSelector('#connection:visible');
    await ask(page, 'steady', 'Are you still there?');
    await page.waitForSelector('.message.user >> text=Are you still there?');
    proxy.mend();
    await whenLong(page, 10);
    await page.keyboard.press('Escape');
    await whenDone(page);
    assert.deepEqual(
      (await whenStored(page, 2)).map(({ role }) => role),
      ['user', 'assistant'],
    );
    await page.close();
  });

  it('stops an answer, whether or not the connection is there and the server has begun', async () => {
    const page = await open();
    await ask(page, 'slow', 'Is it stopped without a connection?');
    await whenLong(page, 5);
    proxy.cut();
    await page.waitForSelector('#connection:visible');
    await page.click('#stop');
    await page.waitForSelector('.note >> text=stopped');
    proxy.mend();
    assert.equal((await whenStored(page, 2))[1]?.status, 'incomplete');

    await page.click('#new');
    await page.selectOption('#model', 'slow');
    await page.fill('#input', 'Is it stopped at once?');
    // Nothing can come in between.
    await page.evaluate(`document.getElementById('composer').requestSubmit();
      document.getElementById('stop').click()`);
    await whenDone(page);
    await page.waitForSelector('.message.user >> text=Is it stopped at once?');
    await page.waitForSelector('.note >> text=stopped');
    assert.equal((await whenStored(page, 2))[1]?.status, 'incomplete');
    assert.equal(await page.locator('.message').count(), 2);
    await page.close();
  });

  it('keeps what was stopped before it could be sent, to be sent after all', async () => {
    const page = await open();
    proxy.cut();
    await page.waitForSelector('#connection:visible');
    await ask(page, 'quick', 'Is it sent?');
    await page.click('#stop');
    await page.waitForSelector('.note >> text=stopped');
    assert.equal(await page.textContent('.message.user .body'), 'Is it sent?');
    proxy.mend();
    await page.waitForSelector('#connection', { state: 'hidden' });
    await page.click('.note .link');
    await whenLong(page, 10);
    await whenDone(page);
    assert.equal((await whenStored(page, 2))[1]?.status, 'completed');
    await page.close();
  });

  it('tells screen readers why an answer failed, and no more of one that was stopped', async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    let received = '';
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        received += payload;
      }),
    );
    await page.addInitScript(`
      const { send } = WebSocket.prototype;
      const short = '"type":"start","options":{"temperature":0,"max_tokens":3},"model":"quick"';
      WebSocket.prototype.send = function (text) {
        send.call(this, text.replace(/"type":"start"(?=.*"model":"quick")/, short));
      };
    `);
    await page.goto(proxy.url);
    await page.waitForSelector('#model:enabled');
    await ask(page, 'quick', 'Who are you?');
    await page.waitForSelector('.note.failed');
    assert.equal(await page.textContent('[role=status]'), 'This answer was too long, and cut off.');

    await ask(page, 'slow', 'And who are you?');
    await page.waitForSelector('.message >> nth=3');
    await page.click('#stop');
    await eventually(() => received.includes('"reason":"cancelled"'), 'the end of the answer');
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    assert.equal(await page.textContent('[role=status]'), 'Stopped.');
    await page.close();
  });

  it('does not stop an answer by the Escape that is meant for something else', async () => {
    const page = await open();
    await ask(page, 'slow', 'Who are you?');
    await page.waitForSelector('#actions:visible');
    await page.fill('#search', 'Who');
    await page.press('#search', 'Escape');
    assert.equal(await page.isVisible('#stop'), true, 'it empties the search');

    await page.click('#actions summary');
    await page.click('#rename');
    await page.press('#title', 'Escape');
    await page.waitForSelector('#renaming', { state: 'hidden' });
    assert.equal(await page.isVisible('#stop'), true, 'it closes the dialog');

    await page.focus('#input');
    const session = await context.newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('#stop'), true, 'it ends what was being composed');

    await page.focus('#new');
    await page.keyboard.press('Escape');
    await whenDone(page);
    await page.close();
  });

  it('asks until the server says whether it keeps conversations', async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const refusals = [
      { status: 429, json: { error: { code: 'rate_limit_exceeded' } } },
      { status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' },
      { status: 500, json: { error: { code: 'internal_error' } } },
      { status: 404, body: 'default backend' },
    ];
    let isWaiting = true;
    await page.route('**/v1/conversations?limit=1', async (route) => {
      const refusal = refusals.shift();
      if (refusal) await route.fulfill(refusal);
      else if (isWaiting) await route.abort();
      else await route.continue();
    });
    await page.goto(proxy.url);
    await page.waitForSelector('#hint >> text=Connecting');
    await eventually(() => refusals.length === 0, 'several attempts');
    assert.equal(await page.isDisabled('#send'), true);
    isWaiting = false;
    await page.waitForSelector('#search:visible');
    await page.waitForSelector('#model:enabled');
    await ask(page, 'quick', 'Who keeps it?');
    await whenLong(page, 10);
    await whenStored(page, 2);
    assert.equal(await page.evaluate('Object.keys(localStorage).join().includes("conversation")'), false);
    await page.close();
  });

  it('searches, renames, exports and deletes, for all pages', async () => {
    const [one, two] = [await open(), await open()];
    await ask(one, 'quick', 'Something about zebras');
    await whenLong(one, 10);
    await whenDone(one);
    await whenStored(one, 2);
    await two.waitForSelector(`${CONVERSATION} >> text=Something about zebras`);
    await two.fill('#search', 'zebr');
    await eventually(async () => (await two.locator(CONVERSATION).count()) === 1);
    await picture(two, 'search');
    await two.fill('#search', 'nothing like it');
    await two.waitForSelector('text=Nothing found.');
    await two.fill('#search', '');

    await one.click('#actions summary');
    await picture(one, 'menu');
    await one.click('#rename');
    await one.waitForSelector('#renaming[open]');
    await picture(one, 'rename');
    await one.fill('#title', 'Stripes <b>');
    await one.press('#title', 'Enter');
    await two.waitForSelector(`${CONVERSATION} >> text=Stripes <b>`);

    await one.click('#actions summary');
    const [download] = await Promise.all([one.waitForEvent('download'), one.click('#export-markdown')]);
    assert.equal(download.suggestedFilename(), `${await idOf(one)}.md`);

    await two.click(`${CONVERSATION} >> text=Stripes <b>`);
    await two.waitForSelector('.message.user >> text=Something about zebras');
    await one.click('#delete');
    await two.waitForSelector('#welcome:visible');
    await eventually(async () => (await two.locator(`${CONVERSATION} >> text=Stripes`).count()) === 0);
    assert.equal(await one.isVisible('#welcome'), true);
    await Promise.all([one.close(), two.close()]);
  });

  it('fits a narrow screen', async () => {
    const page = await open({ width: 320, height: 640 });
    await ask(
      page,
      'steady',
      'A word that-is-so-very-long-that-it-does-not-fit-into-one-line-of-a-telephone',
    );
    await whenLong(page, 20);
    await page.keyboard.press('Escape');
    await whenDone(page);
    await page.click('#actions summary');
    const wider = await page.evaluate(`[...document.querySelectorAll('main *')].filter(
      (each) => each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1,
    ).length`);
    assert.equal(wider, 0);
    await picture(page, 'narrow-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'narrow-dark');
    await page.keyboard.press('Escape');
    await page.click('#toggle');
    await picture(page, 'narrow-list-dark');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 1100, height: 760 });
    await picture(page, 'wide-dark');
    await page.close();
    assert.deepEqual(problems, []);
  });
});
