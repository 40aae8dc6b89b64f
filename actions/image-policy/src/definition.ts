import { choice, commonInputs, defineAction, flag, text } from '@waybill/runtime';
import { registryInputs } from '../../shared/inputs.js';

export const imagePolicy = defineAction({
  name: 'image-policy',
  description:
    'The required check that every image reference of a commit is pinned and allowed: findings on the exact line, and the repair beside each. The job fails when there are errors.',
  inputs: {
    commit: text({
      description:
        'The commit to judge: an ID, or a revision that the checkout knows. Without it: the commit that started the run, and for `pull_request_target` the head of the pull request.',
    }),
    base: text({
      description:
        "What the commit is compared with, and where the configuration is read: an ID, or a branch. Without it: the event's base, with the configuration of the default branch.",
    }),
    'working-directory': text({
      description:
        'A folder of the checkout, from the workspace. Only its Git objects are read, never its files; without a checkout the commits are fetched.',
      default: '.',
    }),
    staged: flag({
      description: 'Judge what is staged for the next commit instead of a commit, as a pre-commit hook does.',
    }),
    'changed-only': flag({
      description:
        'Report only what the change touches, and what a touched base layer changes elsewhere. Needs a base.',
    }),
    fix: choice(['false', 'patch', 'commit', 'pull-request'], {
      description:
        '`patch` writes the repairs as a patch file and into the working tree, if that has the files as they were judged. `commit` and `pull-request` are not supported yet.',
      default: 'false',
    }),
    'patch-file': text({
      description: 'Where `fix` writes the patch. Without it: a file in the runner’s temporary folder.',
    }),
    baseline: text({
      description:
        'A file of the repository with the findings that are known, so that only new ones fail. It is read where the configuration is, never from the change itself.',
    }),
    'new-baseline': text({
      description: 'A file to write a baseline of all present findings to. The run then passes.',
    }),
    'sarif-file': text({ description: 'A file to write the findings to as SARIF 2.1.0, for code scanning.' }),
    'findings-file': text({ description: 'A file to write the findings to as JSON.' }),
    category: text({
      description: 'Tells apart several runs over one commit in code scanning.',
      default: 'image-policy',
      pattern: { matches: /^[\w.-]+(?:\/[\w.-]+)*$/, like: 'image-policy or gitops/production' },
    }),
    'report-only': flag({ description: 'Say what was found, and pass whatever it is.' }),
    online: flag({
      description:
        'Also ask registries whether the digests exist, belong to their tags and have the required platforms, and for the digests that `fix` writes. Only registries that `images.registries` of the policies names are asked.',
    }),
    token: text({
      description:
        "The forge's token, to fetch commits that are not in the checkout. Needs `contents: read`. Never sent to a registry.",
      default: commonInputs.token.default ?? '',
      secret: true,
    }),
    repository: commonInputs.repository,
    ...registryInputs,
  },
  outputs: {
    errors: { description: 'How many errors were found.' },
    warnings: { description: 'How many warnings were found.' },
    references: { description: 'How many image references were read.' },
    files: { description: 'How many files were looked at.' },
    'not-checked': { description: 'How many places could not be read, and so were not checked.' },
    commit: { description: 'The commit that was judged; empty for what is staged.' },
    base: { description: 'The commit that it was compared with; empty when there was none.' },
    'sarif-file': { description: 'The SARIF file, if one was asked for.' },
    'findings-file': { description: 'The findings as JSON, if asked for.' },
    'patch-file': { description: 'The patch that `fix` wrote; empty when there is nothing to repair.' },
  },
});
