import { byId } from './dom.js';

/** What the node offers. */
interface Methods {
  readonly required: boolean;
  readonly password: boolean;
  /** What to call the OpenID provider. */
  readonly oidc: string | null;
}

/** What the OpenID login may come back with. */
const PROBLEMS: Readonly<Record<string, string>> = {
  login_state_mismatch: 'That login was not begun in this browser. Please try again.',
  login_state_unknown: 'That login is over already, or took too long. Please try again.',
  login_refused: 'The login was not confirmed.',
  login_without_role: 'You are known, but have no role here. Ask an administrator.',
  account_disabled: 'This account is disabled. Ask an administrator.',
  provider_unavailable: 'The login service does not answer. Please try again later.',
};

const form = byId('password-login', HTMLFormElement);
const name = byId('name', HTMLInputElement);
const password = byId('password', HTMLInputElement);
const submit = byId('submit', HTMLButtonElement);
const oidc = byId('oidc-login', HTMLAnchorElement);
const problem = byId('problem', HTMLElement);

const query = new URLSearchParams(location.search);
const next = localPath(query.get('next') ?? '/');
const code = query.get('problem');
if (code !== null) tell(PROBLEMS[code] ?? 'The login failed. Please try again.');
await offer();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn();
});

async function offer(): Promise<void> {
  try {
    const methods: Methods = await (await fetch('/auth/methods')).json();
    form.hidden = !methods.password;
    oidc.hidden = methods.oidc === null;
    oidc.textContent = methods.oidc ?? '';
    oidc.href = `/auth/oidc/login?next=${encodeURIComponent(next)}`;
    byId('or', HTMLElement).hidden = form.hidden || oidc.hidden;
    byId('without', HTMLElement).hidden = methods.required;
    if (methods.password) name.focus();
    else if (methods.oidc === null) tell('Accounts need a database, and this node has none.');
  } catch {
    tell('The server can’t be reached. Please try again.');
  }
}

async function logIn(): Promise<void> {
  submit.disabled = true;
  problem.hidden = true;
  try {
    const response = await fetch('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: name.value, password: password.value }),
    });
    if (response.ok) {
      location.assign(next);
      return;
    }
    const { error }: { error: { message: string } } = await response.json();
    tell(error.message);
    password.select();
    password.focus();
  } catch {
    tell('The server can’t be reached. Please try again.');
  } finally {
    submit.disabled = false;
  }
}

function tell(text: string): void {
  problem.textContent = text;
  problem.hidden = false;
}

/** A page of this site, whatever stands in a link that somebody has sent. */
function localPath(path: string): string {
  if (!path.startsWith('/') || !URL.canParse(path, location.origin)) return '/';
  const { origin, pathname, search, hash } = new URL(path, location.origin);
  // A path of two slashes at its beginning is another site's address.
  return origin === location.origin && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
