import type { GitHubHost } from '../github/host.js';
import { messageOf } from './errors.js';
import { listAll } from './host-files.js';
import { parseWorkflowFile, type WorkflowFile } from './workflow-file.js';

/** The workflow files of the host's repositories, commit by commit. */
export interface WorkflowCatalog {
  /** Directly in `.github/workflows`, sorted. */
  paths(repository: string, commit: string): Promise<readonly string[]>;
  /** The workflow, or why GitHub could not read it. The same text is parsed once. */
  read(repository: string, commit: string, path: string): Promise<WorkflowFile | { readonly invalid: string }>;
}

const FOLDER = '.github/workflows';

export function createCatalog(host: GitHubHost): WorkflowCatalog {
  const parsed = new Map<string, Promise<WorkflowFile | { readonly invalid: string }>>();
  return {
    paths: async (repository, commit) => {
      const paths = await listAll(host, repository, commit, FOLDER);
      return paths.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).sort();
    },
    read: async (repository, commit, path) => {
      const bytes = await host.readFile(repository, commit, path);
      const text = Buffer.from(bytes ?? []).toString('utf8');
      const key = `${path}\n${text}`;
      const file = parsed.get(key) ?? parse(path, text);
      parsed.set(key, file);
      return await file;
    },
  };
}

async function parse(path: string, text: string): Promise<WorkflowFile | { readonly invalid: string }> {
  try {
    return await parseWorkflowFile(path, text);
  } catch (error) {
    return { invalid: messageOf(error) };
  }
}
