import { registerHooks } from 'node:module';

/**
 * @actions/workflow-parser imports its JSON schemas without the import attribute that Node wants
 * (`import Schema from "./workflow-v1.0.min.json"`), so they are given it here, before the parser is loaded.
 */
function admitSchemas(): void {
  try {
    registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        return resolved.url.endsWith('.json') && resolved.url.includes('/@actions/workflow-parser/')
          ? { ...resolved, importAttributes: { type: 'json' } }
          : resolved;
      },
    });
  } catch {
    // Jest refuses hooks: they would reach its own loader. Its loader for tests takes JSON as it is; should another
    // one not, the import below says so.
  }
}

admitSchemas();

/** GitHub's own parser of workflow files, with its schema. */
export const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
  '@actions/workflow-parser'
);

/** GitHub's own parser of action.yml. */
export const { convertActionTemplate, parseAction } = await import('@actions/workflow-parser/actions/index');

/** The token tree both give. */
export const { BasicExpressionToken, InsertExpressionToken, MappingToken, SequenceToken } = await import(
  '@actions/workflow-parser/templates/tokens/index'
);
