import { byId, element } from './dom.js';

interface Me {
  readonly name: string;
  readonly role: string;
  readonly kind: string;
  readonly login: { readonly password: boolean; readonly oidc: string | null };
}

const place = byId('account', HTMLElement);

void showAccount();
// A session may have ended while nobody looked.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void showAccount();
});

/** Who is logged in, and how to change that. Goes to the login page if that is needed and nobody is. */
export async function showAccount(): Promise<void> {
  const response = await fetch('/auth/me', { cache: 'no-store' }).catch(() => undefined);
  if (response?.status === 401) location.assign(loginUrl());
  if (!response?.ok) return;
  const { name, role, kind, login }: Me = await response.json();
  if (kind === 'anonymous') {
    const possible = login.password || login.oidc !== null;
    place.replaceChildren(...(possible ? [element('a', { href: loginUrl() }, 'Log in')] : []));
    return;
  }
  const out = element('button', { type: 'button', class: 'link' }, 'Log out');
  out.addEventListener('click', () => void logOut());
  place.replaceChildren(element('span', { class: 'who', title: `${name}, ${role}` }, name), out);
}

async function logOut(): Promise<void> {
  const response = await fetch('/auth/logout', { method: 'POST' }).catch(() => undefined);
  if (!response?.ok) return;
  const { next }: { next: string } = await response.json();
  location.assign(next);
}

function loginUrl(): string {
  return `/auth/login?next=${encodeURIComponent(`${location.pathname}${location.hash}`)}`;
}
