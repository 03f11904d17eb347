/**
 * Settings that hold the address under which an application is itself reached, whom it lets in, or where people may
 * read on: nothing that it connects to.
 */
const EXACT = new Set([
  'HOST',
  'HOSTNAME',
  'host',
  'hostname',
  '--host',
  '--hostname',
  '--address',
  '--bind',
  '--listen',
  '--server-name',
  'SERVER_NAME',
  'SERVER_HOST',
  'OLLAMA_HOST',
  'N8N_HOST',
  'N8N_EDITOR_BASE_URL',
  'WEBHOOK_URL',
  'WEBUI_URL',
  'GF_SERVER_ROOT_URL',
  'GF_SERVER_DOMAIN',
  'NEXTAUTH_URL',
  'MEMOS_INSTANCE_URL',
  'DOMAIN_CLIENT',
  'DOMAIN_SERVER',
  'BASE_URL',
  'SITE_URL',
  'APP_URL',
  'SERVER_URL',
  'FRONTEND_URL',
  'APP_WEB_URL',
  'CONSOLE_WEB_URL',
  'FLOWISE_URL',
  'CONSOLE_API_URL',
  'SERVICE_API_URL',
  'APP_API_URL',
  'FILES_URL',
  'KC_HOSTNAME',
  'KC_HOSTNAME_ADMIN',
  'KC_HOSTNAME_URL',
  'KEYCLOAK_HOSTNAME',
]);
const LIKE =
  /(?:^|[_.-])(?:cors|allowed?|origins?|trusted|redirect|callback|public|external|bind|listen|no_proxy|cookie|advertised?|domain|issuer_name)(?:$|[_.-])/i;

/** Links for people to follow, and names of schemas. */
const LINKS =
  /(?:^|[_.-])(?:runbook|docs?|documentation|help|home_?page|support|terms|privacy|logo|icon|favicon|avatar|\$?schema|xmlns|links?|href|license|changelog)(?:[_.-]?ur[il]s?)?(?:\.\d+)?$/i;

export function isOwnAddress(name: string): boolean {
  // allowedOrigins, redirectUri, publicUrl: words of one name, as well as those with something between them.
  const words = name.replace(/([a-z])(?=[A-Z])/g, '$1_');
  return EXACT.has(name) || LIKE.test(words) || LINKS.test(words);
}
