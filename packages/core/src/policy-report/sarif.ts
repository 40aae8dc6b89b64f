import { bySeverity, type Finding, type PolicyReport, RULES, type Rule, ruleOf } from '../policy/index.js';
import { visibleLines } from '../report/text.js';
import type { Edit } from '../yaml/index.js';
import { placesIn, type SourceOf } from './source-text.js';

/** GitHub takes 25,000 results of a run, and rejects a file with more. */
const MAX_RESULTS = 25_000;
/** GitHub shows 100 locations of a result. */
const MAX_RELATED = 100;
/** Long values make no alert clearer. */
const MAX_TEXT = 1_000;

export interface SarifFacts {
  /** The version of Waybill in use, as it was asked for. */
  readonly version?: string;
  /** Tells runs over the same commit apart: GitHub's category. */
  readonly category: string;
  /** The page of a rule. */
  readonly pageOf: (rule: string) => string;
  /** For the regions of fixes; findings in files that it doesn't have come without. */
  readonly sourceOf: SourceOf;
  /** The commit that was judged, where there is one. */
  readonly commit?: string;
  readonly repositoryUrl?: string;
}

/**
 * The findings as a SARIF 2.1.0 log of one run, the most severe first, within what GitHub code scanning takes.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export function sarifLog(report: PolicyReport, facts: SarifFacts): string {
  const sorted = report.findings.toSorted(bySeverity);
  const findings = sorted.slice(0, MAX_RESULTS);
  const left = sorted.length - findings.length;
  const run = {
    tool: {
      driver: {
        name: 'Waybill image policy',
        informationUri: facts.pageOf('README'),
        ...(facts.version === undefined ? {} : { version: facts.version }),
        rules: RULES.map((rule) => descriptor(rule, facts)),
      },
    },
    automationDetails: { id: `${facts.category}/` },
    columnKind: 'utf16CodeUnits',
    ...(facts.commit === undefined || facts.repositoryUrl === undefined
      ? {}
      : { versionControlProvenance: [{ repositoryUri: facts.repositoryUrl, revisionId: facts.commit }] }),
    invocations: [
      {
        executionSuccessful: true,
        ...(left === 0
          ? {}
          : {
              toolExecutionNotifications: [
                { level: 'warning', message: { text: `${left} less severe findings are left out for length.` } },
              ],
            }),
      },
    ],
    results: results(findings, facts.sourceOf),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log)}\n`;
}

function descriptor(rule: Rule, { pageOf }: SarifFacts) {
  const { id, title, severity, help, tags } = rule;
  const page = pageOf(id);
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: help },
    help: { text: `${help}\n${page}`, markdown: `${help}\n\n[${id}](${page})` },
    helpUri: page,
    defaultConfiguration: { level: severity },
    properties: {
      tags: ['security', ...tags].slice(0, 20),
      precision: severity === 'error' ? 'very-high' : 'high',
      'problem.severity': severity === 'note' ? 'recommendation' : severity,
      'security-severity': SECURITY_SEVERITY[severity],
    },
  };
}

/** High, medium and low in GitHub's words. */
const SECURITY_SEVERITY = { error: '7.5', warning: '5.0', note: '2.0' } as const;

const RULE_INDEX: ReadonlyMap<string, number> = new Map(RULES.map(({ id }, index) => [id, index]));

/** By file, so that each text is split into lines once. */
function results(findings: readonly Finding[], sourceOf: SourceOf): readonly unknown[] {
  const places = new Map<string, ReturnType<typeof placesIn> | undefined>();
  const placeIn = (path: string) => {
    if (!places.has(path)) {
      const text = sourceOf(path);
      places.set(path, text === undefined ? undefined : placesIn(text));
    }
    return places.get(path);
  };
  const counts = new Map<string, number>();
  return findings.map((finding) => {
    const nth = (counts.get(finding.fingerprint) ?? 0) + 1;
    counts.set(finding.fingerprint, nth);
    return result(finding, nth, finding.edits === undefined ? undefined : placeIn(finding.path));
  });
}

function result(finding: Finding, nth: number, place: ReturnType<typeof placesIn> | undefined) {
  const { rule, severity, path, line, column, endLine, endColumn, fingerprint, edits, related } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULE_INDEX.get(rule) ?? 0,
    level: severity,
    message: { text: messageOf(finding) },
    locations: [{ physicalLocation: location(path, { startLine: line, startColumn: column, endLine, endColumn }) }],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.slice(0, MAX_RELATED).map((one, index) => ({
            id: index + 1,
            message: { text: clipped(one.what) },
            physicalLocation: location(one.path, { startLine: one.line, startColumn: one.column }),
          })),
        }),
    // A key of our own: GitHub's is made of the line, and a new digest would open the alert anew.
    partialFingerprints: { 'waybillImagePolicy/v1': nth === 1 ? fingerprint : `${fingerprint}:${nth}` },
    ...(edits === undefined || edits.length === 0 || place === undefined
      ? {}
      : { fixes: [fix(rule, path, edits, place)] }),
  };
}

function fix(rule: Finding['rule'], path: string, edits: readonly Edit[], place: ReturnType<typeof placesIn>) {
  return {
    description: { text: `Mend: ${ruleOf(rule).title}` },
    artifactChanges: [
      {
        artifactLocation: artifact(path),
        replacements: edits.map(({ range, newText }) => {
          const [start, end] = [place(range[0]), place(range[1])];
          return {
            deletedRegion: {
              startLine: start.line,
              startColumn: start.column,
              endLine: end.line,
              endColumn: end.column,
            },
            insertedContent: { text: newText },
          };
        }),
      },
    ],
  };
}

/** GitHub renders links in a message from `[text](id)`; what the repository says must not make one (SARIF §3.11.6). */
function messageOf({ reason, expected, current }: Finding): string {
  const instead = expected === undefined ? '' : ` Instead: ${expected}.`;
  const now = current === '' ? '' : ` Now: ${current}.`;
  return clipped(`${reason}.${now}${instead}`).replace(/[\\[\]]/g, '\\$&');
}

function clipped(text: string): string {
  const shown = visibleLines(text);
  return shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT - 1).toWellFormed()}…` : shown;
}

function location(path: string, region: Readonly<Record<string, number>>) {
  return { artifactLocation: artifact(path), region };
}

function artifact(path: string) {
  return { uri: repositoryUri(path), uriBaseId: '%SRCROOT%' };
}

/** A path as a relative URI: each segment percent-encoded, so that no colon, blank or `%` in a name means anything. */
export function repositoryUri(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}
