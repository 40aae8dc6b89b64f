import type { ImageScope } from '../config/types.js';

const COMPOSE = /(?:^|\/)(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/i;
const WORKFLOW = /^\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$|(?:^|\/)action\.ya?ml$/;
/** Other systems' pipelines, whose `image` runs a job and deploys nothing. */
const PIPELINE =
  /(?:^|\/)(?:\.gitlab-ci|\.drone|\.woodpecker|bitbucket-pipelines|azure-pipelines|\.travis|\.cirrus|appveyor|cloudbuild)[\w.-]*\.ya?ml$|(?:^|\/)\.(?:circleci|woodpecker|gitlab|buildkite|tekton-ci)\/.*\.ya?ml$/;
const DOCKERFILE = /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.(?:dockerfile|containerfile)$/i;
const YAML = /\.ya?ml$/i;

/** What a file is judged as: YAML that is deployed, or one of the scopes that are judged when asked for. */
export type FileScope = 'deployed' | Exclude<ImageScope, 'args'>;

/** The scope of a file by its path; undefined for files that the policy never reads. */
export function scopeOf(path: string): FileScope | undefined {
  if (DOCKERFILE.test(path) && !YAML.test(path)) return 'dockerfile';
  if (!YAML.test(path)) return /(?:^|\/)Kustomization$/.test(path) ? 'deployed' : undefined;
  if (COMPOSE.test(path)) return 'compose';
  return WORKFLOW.test(path) || PIPELINE.test(path) ? 'workflows' : 'deployed';
}
