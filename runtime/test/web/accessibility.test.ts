import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { askGreedily, launchChromium } from '../support/chromium.js';
import { eventually } from '../support/cluster.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const PASSWORD = 'correct horse battery';
/** A folder for pictures of the pages, for people to look at. */
const PICTURES = process.env.PICTURES;

describe('the pages, for who can’t see them, or not well', () => {
  let directory: string;
  let postgres: TestPostgres;
  let browser: Browser;
  let node: TestNode;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-accessibility-'));
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, PASSWORD);
    [postgres, browser] = await Promise.all([startTestPostgres(), launchChromium()]);
    node = await startTestNode({
      database: await postgres.database(),
      models: [{ id: 'demo', source: 'demo:', threads: 1, tokensPerSecond: 0, contextSize: 512 }],
      access: { firstAdmin: { name: 'ada', passwordFile } },
    });
  });
  after(async () => {
    await browser?.close();
    await node?.stop();
    await postgres?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const logIn = async (page: Page) => {
    await page.goto(`${node.url}/auth/login`);
    await page.getByLabel('Name').fill('ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Password').press('Enter');
    await page.waitForSelector('#model:enabled');
  };
  const ask = async (page: Page, text: string) => {
    await page.fill('#input', text);
    await page.press('#input', 'Enter');
    await page.waitForSelector('.message.assistant .body :text("cluster"), .note.failed');
    await page.waitForSelector('#send:visible');
  };

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1200, 360]) {
      it(`keep WCAG's rules: ${colorScheme}, ${width} pixels wide`, async () => {
        const context: BrowserContext = await browser.newContext({
          colorScheme,
          reducedMotion: 'reduce',
          viewport: { width, height: 760 },
        });
        await askGreedily(context);
        const page = await context.newPage();
        page.setDefaultTimeout(60_000);
        const check = async (state: string) => {
          if (PICTURES) await page.screenshot({ path: `${PICTURES}/${state}-${colorScheme}-${width}.png` });
          assert.deepEqual(await violations(page), [], state);
        };
        await page.goto(`${node.url}/auth/login?problem=login_state_unknown`);
        await page.getByRole('alert').waitFor();
        await page.getByLabel('Name').waitFor();
        await check('login');
        await logIn(page);
        await check('empty');
        await ask(page, 'Who are you?');
        await ask(page, `One word ${'too many '.repeat(600)}`);
        await check('answers');
        await page.click('#actions summary');
        await check('menu');
        await page.click('#rename');
        await check('renaming');
        await page.keyboard.press('Escape');
        if (width < 500) {
          await page.click('#toggle');
          await page.waitForSelector('#new:visible');
          await check('list');
          await page.keyboard.press('Escape');
        }
        await page.goto(`${node.url}/cluster`);
        await page.waitForSelector('#live.on');
        await page.locator('#nodes tbody tr').first().waitFor();
        await check('cluster');
        await context.close();
      });
    }
  }

  it('keep the place of the keyboard in the list while it changes', async () => {
    const context = await browser.newContext();
    await askGreedily(context);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await logIn(page);
    for (const title of ['The first', 'The second']) {
      await page.click('#new');
      await ask(page, title);
      await page.waitForSelector(`#conversations .open >> text=${title}`);
    }
    await page.click('#new');
    await page.locator('#conversations .open', { hasText: 'The first' }).focus();
    const other = await context.newPage();
    await other.goto(node.url);
    await other.waitForSelector('#model:enabled');
    await ask(other, 'The third');
    await page.waitForSelector('#conversations .open >> text=The third');
    assert.equal(await page.evaluate('document.activeElement?.textContent'), 'The first');
    await page.keyboard.press('Enter');
    await eventually(async () => (await page.textContent('.message.user .body')) === 'The first', 'opening');
    await context.close();
  });
});

/** What axe finds, as rule and element. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.AxeResults>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}
