import { actionRoutes } from './actions.js';
import { appRoutes } from './apps.js';
import { checkRoutes } from './checks.js';
import { commitRoutes } from './commits.js';
import { contentRoutes } from './contents.js';
import { deploymentRoutes } from './deployments.js';
import { gitObjectRoutes } from './git-objects.js';
import { issueRoutes } from './issues.js';
import { pullRoutes } from './pulls.js';
import { refRoutes } from './refs.js';
import { repositoryRoutes } from './repositories.js';
import type { Route } from './route.js';
import { ruleRoutes } from './rules.js';

/** Every REST route of the test bed. */
export const routes: readonly Route[] = [
  ...repositoryRoutes,
  ...refRoutes,
  ...gitObjectRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...pullRoutes,
  ...issueRoutes,
  ...checkRoutes,
  ...deploymentRoutes,
  ...ruleRoutes,
  ...actionRoutes,
  ...appRoutes,
];
