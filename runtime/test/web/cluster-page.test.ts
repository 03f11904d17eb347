import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { startTestCluster, type TestCluster } from '../support/cluster.js';
import { type TestOperator, testOperator } from '../support/operator.js';

const PATIENCE = 60_000;

describe('the cluster page in Chromium', () => {
  let directory: string;
  let browser: Browser;
  let cluster: TestCluster;
  let operator: TestOperator;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-page-'));
    operator = await testOperator(directory);
    [browser, cluster] = await Promise.all([
      launchChromium(),
      startTestCluster(3, { config: { access: operator.access } }),
    ]);
  });
  after(async () => {
    await browser?.close();
    await cluster?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (
    options: { headers?: Readonly<Record<string, string>>; dark?: boolean; width?: number } = {},
  ): Promise<{ page: Page; problems: string[] }> => {
    const context = await browser.newContext({
      extraHTTPHeaders: { ...options.headers },
      colorScheme: options.dark ? 'dark' : 'light',
      viewport: { width: options.width ?? 1280, height: 900 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) problems.push(message.text());
    });
    await page.goto(`${cluster.nodes[0]?.url}/cluster`);
    await page.waitForSelector('#live.on');
    return { page, problems };
  };
  const row = (page: Page, node: string) => page.locator('#nodes tbody tr', { hasText: node });
  const status = (page: Page, node: string, is: string | RegExp) =>
    row(page, node).locator('.pill', { hasText: is }).waitFor();

  it('shows nodes, leader, models and events to everybody, and no buttons', async () => {
    const { page, problems } = await open();
    for (const node of ['node-0', 'node-1', 'node-2']) await status(page, node, 'healthy');
    await page.locator('#nodes .leader').waitFor();
    assert.equal(await page.locator('#nodes .leader').count(), 1);
    await page.locator('#models', { hasText: '3 of 3 nodes' }).waitFor();
    await page.locator('#events', { hasText: 'node joined' }).waitFor();
    assert.equal(await page.locator('main button:visible').count(), 0);
    assert.ok(await page.locator('#cache-section').isHidden(), 'caches are for administrators');
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('lets an operator check the model files, by keyboard', async () => {
    const { page, problems } = await open({ headers: operator.headers });
    await page.focus('#check');
    await page.keyboard.press('Enter');
    await page.locator('#integrity', { hasText: 'All files are what they should be, on 3 nodes' }).waitFor();
    assert.deepEqual(problems, []);
    await page.context().close();
  });

  it('shows a node that dies, and what happened', async () => {
    const { page } = await open();
    await cluster.nodes[2]?.kill('SIGKILL');
    await status(page, 'node-2', 'dead');
    await page.locator('#events', { hasText: 'node dead' }).waitFor();
    await page.locator('#summary', { hasText: '2 of 3' }).waitFor();
    await page.context().close();
  });

  it('lets an operator take a node out, when asked twice', async () => {
    const { page } = await open({ headers: operator.headers });
    const button = row(page, 'node-1').locator('button');
    await button.click();
    assert.equal(await button.textContent(), 'Really?');
    await button.click();
    await status(page, 'node-1', /draining|left/);
    await page.context().close();
  });

  it('says when its own node is gone, and does not scroll sideways on a phone', async () => {
    const { page } = await open({ width: 360, dark: true });
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    assert.equal(await page.evaluate(overflow), 0);
    await cluster.nodes[0]?.kill('SIGKILL');
    await page.locator('#live.off', { hasText: 'Connecting again…' }).waitFor();
    await page.context().close();
  });
});
