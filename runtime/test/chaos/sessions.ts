import type { LocalCluster } from '../../local-cluster/local-cluster.js';
import { TestBrowser } from '../support/browser.js';
import { type Encounters, insist } from './stream-client.js';

const SESSIONS = 10;

/** People who have logged in, and whom every node must go on knowing. */
export class Sessions {
  private readonly lost = new Set<number>();

  private constructor(
    private readonly url: string,
    private readonly cookies: readonly string[],
  ) {}

  static async start({ url, admin }: LocalCluster): Promise<Sessions> {
    const cookies: string[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const browser = new TestBrowser(url);
      const response = await browser.logIn(admin.name, admin.password);
      if (response.status !== 200) throw new Error(`login: ${response.status} ${await response.text()}`);
      cookies.push([...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    }
    return new Sessions(url, cookies);
  }

  get count(): number {
    return this.cookies.length;
  }

  get lostCount(): number {
    return this.lost.size;
  }

  /** Asks with each of them who that is. */
  async check(encounters: Encounters): Promise<void> {
    for (const [index, cookie] of this.cookies.entries()) {
      const response = await insist(`${this.url}/auth/me`, { headers: { cookie } }, encounters);
      const { kind } = JSON.parse(await response.text());
      if (kind !== 'session') this.lost.add(index);
    }
  }
}
