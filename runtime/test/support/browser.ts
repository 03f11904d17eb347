/** What a browser does with cookies and redirects, for one site after another. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();

  constructor(public url: string) {}

  /** Follows no redirect. Sends what browsers send with requests of the page's own. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      redirect: 'manual',
      ...init,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(this.cookies.size > 0 && {
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
        ...init.headers,
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: 'POST',
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** Opens a page, as from the address bar. */
  async visit(path: string): Promise<Response> {
    return this.fetch(path, { headers: { accept: 'text/html', 'sec-fetch-site': 'none' } });
  }

  logIn(name: string, password: string): Promise<Response> {
    return this.post('/auth/login', { name, password });
  }
}

export async function json<Value>(response: Response): Promise<Value> {
  return (await response.json()) as Value;
}

/** The code of an error in OpenAI's shape. */
export async function errorCode(response: Response): Promise<string | null> {
  return (await json<{ error: { code: string | null } }>(response)).error.code;
}
