import { appRoutes } from './apps.js';
import { commitRoutes } from './commits.js';
import { gitObjectRoutes } from './git-objects.js';
import { pullRoutes } from './pulls.js';
import { refRoutes } from './refs.js';
import { repositoryRoutes } from './repositories.js';
import type { Route } from './route.js';

/** Every REST route of the test bed. */
export const routes: readonly Route[] = [
  ...repositoryRoutes,
  ...refRoutes,
  ...gitObjectRoutes,
  ...commitRoutes,
  ...pullRoutes,
  ...appRoutes,
];
