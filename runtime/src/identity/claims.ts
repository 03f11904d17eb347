import { ACCESS_ROLES, type AccessRole } from './principal.js';

/** How the claims of a token become a role. */
export interface ClaimRules {
  /** Name of the claim, or a path such as `realm_access.roles`. */
  readonly roleClaim: string;
  readonly roles: Readonly<Record<string, AccessRole>>;
  readonly defaultRole: AccessRole | 'none';
}

type Claims = Readonly<Record<string, unknown>>;

/** The role; of several the first in admin, operator, readonly, user. `undefined`: not let in. */
export function roleOf(
  claims: Claims,
  { roleClaim, roles, defaultRole }: ClaimRules,
): AccessRole | undefined {
  const values = [claims[roleClaim] ?? nested(claims, roleClaim.split('.'))].flat();
  const found = new Set(
    values.map((value) => (typeof value === 'string' ? roleNamed(value, roles) : undefined)),
  );
  return ACCESS_ROLES.find((role) => found.has(role)) ?? (defaultRole === 'none' ? undefined : defaultRole);
}

/** What to call somebody. */
export function nameOf(claims: Claims): string {
  for (const claim of ['preferred_username', 'name', 'email', 'sub']) {
    const value = claims[claim];
    if (typeof value === 'string' && value !== '') return value.replaceAll(/\p{Cc}/gu, ' ').slice(0, 128);
  }
  return 'unknown';
}

function roleNamed(value: string, roles: ClaimRules['roles']): AccessRole | undefined {
  return Object.hasOwn(roles, value) ? roles[value] : ACCESS_ROLES.find((role) => role === value);
}

function nested(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}
