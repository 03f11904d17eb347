import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { startTestNode, type TestNode } from '../support/node.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const PASSWORD = 'correct horse battery';

describe('the login page in Chromium', () => {
  let directory: string;
  let postgres: TestPostgres;
  let node: TestNode;
  let browser: Browser;
  let page: Page;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'polypod-login-page-'));
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, PASSWORD);
    [postgres, browser] = await Promise.all([startTestPostgres(), launchChromium()]);
    node = await startTestNode({
      database: await postgres.database(),
      access: { firstAdmin: { name: 'ada', passwordFile } },
    });
    page = await browser.newPage();
    page.setDefaultTimeout(120_000);
  });
  after(async () => {
    await browser.close();
    await node.stop();
    await postgres.stop();
    await rm(directory, { recursive: true });
  });

  test('stands before every page, is usable by keyboard, and leads on to where one wanted', async () => {
    await page.goto(`${node.url}/#somewhere`);
    assert.equal(new URL(page.url()).pathname, '/auth/login');
    await page.getByLabel('Name').waitFor();
    assert.equal(await page.evaluate('document.activeElement?.id'), 'name');
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    assert.equal(await page.evaluate('document.activeElement?.id'), 'password');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    await page.getByText('ada', { exact: true }).waitFor();
    assert.equal(await page.evaluate('document.cookie'), '', 'scripts see no cookie');
  });

  test('chatting works for who is logged in, and logging out leads back', async () => {
    await page.getByRole('button', { name: 'Who are you?' }).click();
    await page.locator('#messages').getByText('demonstration', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/auth/login');
    await page.goto(`${node.url}/cluster`);
    assert.equal(new URL(page.url()).search, '?next=%2Fcluster');
  });

  test('says what went wrong at the provider, and never leads off the site', async () => {
    await page.goto(`${node.url}/auth/login?problem=login_state_unknown`);
    await page.getByRole('alert').getByText('took too long').waitFor();
    await page.route(/^https?:\/\/evil\.example/, (route) => route.fulfill({ body: 'evil' }));
    for (const next of [
      '//evil.example/',
      '/.//evil.example/login',
      '/..//evil.example/',
      '/\\\\evil.example/',
    ]) {
      await page.goto(`${node.url}/auth/login?next=${encodeURIComponent(next)}`);
      await page.getByLabel('Name').fill('ada');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL(({ origin, pathname }) => origin !== node.url || pathname !== '/auth/login');
      assert.equal(page.url(), `${node.url}/`, next);
      await page.getByRole('button', { name: 'Log out' }).waitFor();
    }
  });

  test('a session that ended elsewhere leads to the login', async () => {
    await page.context().clearCookies();
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.waitForURL('**/auth/login?next=**');
  });
});
