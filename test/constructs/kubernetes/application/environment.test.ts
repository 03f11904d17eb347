import { execFileSync } from 'node:child_process';
import { accountIntoUrl } from '../../../../constructs/kubernetes';

/** What a shell makes of the line. */
function urlWith(url: string, user: string, password: string): string {
  const line = accountIntoUrl({ url: 'SERVER_URL', user: 'ACCOUNT', password: 'SECRET' });
  return execFileSync('/bin/sh', ['-c', `${line}\nprintf %s "$SERVER_URL"`], {
    env: { PATH: process.env.PATH, SERVER_URL: url, ACCOUNT: user, SECRET: password },
    encoding: 'utf8',
  });
}

test.each([
  ['plain', 'abc123'],
  ['what URLs are made of', 'a:b/c@d?e#f%g&h=i'],
  ['what shells are made of', `'"$HOME\`id\`\\ ; *`],
  ['letters beyond ASCII', 'pässwörd-密码'],
  ['longer than a line of od', 'x'.repeat(200)],
])('user and password come back from the URL as they were: %s', (_what, password) => {
  const url = new URL(urlWith('rediss://cache.internal:6379', 'poly pod', password));
  expect(decodeURIComponent(url.username)).toBe('poly pod');
  expect(decodeURIComponent(url.password)).toBe(password);
  expect(url.host).toBe('cache.internal:6379');
  expect(url.protocol).toBe('rediss:');
});
