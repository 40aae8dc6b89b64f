/**
 * Images whose usual chart writes the tag into labels, so that `tag: version@sha256:…` renders objects that Kubernetes
 * refuses (argo-helm#417, codecentric/helm-charts#555, rowanruseler/helm-charts#267, grafana/loki#8260, perses#201).
 */
export const TAG_IN_LABELS: ReadonlySet<string> = new Set([
  'quay.io/argoproj/argocd',
  'docker.io/argoproj/argocd',
  'docker.io/jboss/keycloak',
  'quay.io/keycloak/keycloak',
  'docker.io/dpage/pgadmin4',
  'docker.io/grafana/loki',
  'docker.io/persesdev/perses',
]);
