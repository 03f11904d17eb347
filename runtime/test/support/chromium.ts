import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The real browser of this machine: `CHROMIUM`, else the first on PATH. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? findOnPath(),
    // Root, as in containers, has no sandbox; and nothing but the page goes over the network.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

/**
 * Has the chat page ask for the likeliest tokens, so that answers are always the same ones: of the demonstration model
 * one of 198 tokens, which end with {@link LAST_WORDS}. By chance it has anything from 20 to 1,000.
 */
export async function askGreedily(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
      send.call(this, text.replace('"type":"start"', '"type":"start","options":{"temperature":0}'));
    };
    const own = fetch;
    window.fetch = (url, init) =>
      own(url, init?.body ? { ...init, body: init.body.replace('"stream":true', '"stream":true,"temperature":0') } : init);
  `);
}

export const LAST_WORDS = /good luck with your cluster\.$/;

function findOnPath(): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not there.
      }
    }
  }
  throw new Error('No Chromium: apt-get install chromium, or name one with CHROMIUM=/path/to/it.');
}
