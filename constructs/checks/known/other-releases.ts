/**
 * Services that an Ingress of an application names, but that another release brings along: login proxies, solvers of
 * certificate challenges, default backends, the mesh, the API server.
 *
 * Sources: https://oauth2-proxy.github.io/oauth2-proxy/configuration/integrations/nginx,
 * https://cert-manager.io/docs/configuration/acme/http01/, https://docs.goauthentik.io/add-secure-apps/providers/proxy/.
 */
const OF_OTHER_RELEASES =
  /^(?:.*oauth2?-?proxy.*|cm-acme-http-solver.*|ak-outpost-.*|authentik.*|authelia.*|keycloak.*|default-http-backend|default-backend|kubernetes|istiod|istio-.*)$/;
/**
 * Services that operators make from custom resources, perhaps of another input. Sources:
 * https://docs.ray.io/en/latest/cluster/kubernetes/user-guides/rayservice.html, https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/accessing-services,
 * https://kserve.github.io/website/docs/reference/crd-api.
 */
const OF_OPERATORS = /-(?:head|serve)-svc$|-(?:es|kb)-http$|-predictor(?:-default)?$/;

export function isOfOtherRelease(service: string): boolean {
  return OF_OTHER_RELEASES.test(service) || OF_OPERATORS.test(service);
}
