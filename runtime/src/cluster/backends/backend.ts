import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { z } from 'zod';
import { type BackendConfig, backendName } from '../../config/schema/backends.js';

/** Checks in a row that fail before a backend gets no more requests. */
const FAILED_CHECKS = 2;
const CHECK_MILLISECONDS = 3_000;

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** A plain OpenAI server: asked now and then whether it is well, and which models it has. */
export class Backend {
  readonly name: string;
  readonly pool: Pool;
  /** Where the API begins, such as `/v1`. */
  readonly path: string;
  /** What it gets as `Authorization`. */
  authorization: string | undefined;
  models: readonly string[];
  up = false;
  /** Known since then. */
  readonly since = new Date();

  private failedChecks = FAILED_CHECKS;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    readonly config: BackendConfig,
    connectSeconds: number,
    private readonly onChange: (backend: Backend, error?: unknown) => void,
  ) {
    const { origin, pathname } = new URL(config.url);
    this.name = backendName(config);
    this.path = pathname === '/' ? '' : pathname;
    this.models = config.models ?? [];
    const silence = config.timeoutSeconds * 1000;
    this.pool = new Pool(origin, {
      connect: { timeout: connectSeconds * 1000 },
      headersTimeout: silence,
      bodyTimeout: silence,
      keepAliveTimeout: 30_000,
    });
  }

  /** Checks at once, and then again and again. */
  async start(): Promise<void> {
    await this.check();
    if (this.closed) return;
    this.timer = setTimeout(() => void this.start(), this.config.checkSeconds * 1000).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.pool.destroy();
  }

  private async check(): Promise<void> {
    try {
      const { apiKeyFile } = this.config;
      if (apiKeyFile !== undefined)
        this.authorization = `Bearer ${(await readFile(apiKeyFile, 'utf8')).trim()}`;
      const models = await this.list();
      this.failedChecks = 0;
      const changed = !this.up || models.join('\n') !== this.models.join('\n');
      this.up = true;
      this.models = models;
      if (changed) this.onChange(this);
    } catch (error) {
      if (this.closed || ++this.failedChecks < FAILED_CHECKS) return;
      const changed = this.up || this.failedChecks === FAILED_CHECKS;
      this.up = false;
      if (changed) this.onChange(this, error);
    }
  }

  private async list(): Promise<readonly string[]> {
    const { statusCode, body } = await this.pool.request({
      method: 'GET',
      path: `${this.path}/models`,
      headers: this.authorization === undefined ? {} : { authorization: this.authorization },
      signal: AbortSignal.timeout(CHECK_MILLISECONDS),
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`${this.config.url}/models answered ${statusCode}`);
    }
    const listed = listSchema.parse(await body.json()).data.map(({ id }) => id);
    return this.config.models ?? listed;
  }
}
