import { globMatch } from '../config/glob.js';
import type { ImageException } from '../config/types.js';
import { type Finding, fingerprint } from './finding.js';
import { type PolicySettings, WITHOUT_EXCEPTION } from './settings.js';

const DAY = 86_400_000;

/** Whether an exception's last day (UTC) is over. */
export function hasExpired(exception: ImageException, now: Date): boolean {
  return now.getTime() >= Date.parse(`${exception.expires}T00:00:00Z`) + DAY;
}

/** The exception that excuses a finding, if any. Floating tags have none in any lane. */
export function exceptionFor(finding: Finding, settings: PolicySettings, now: Date): ImageException | undefined {
  if (WITHOUT_EXCEPTION.has(finding.rule)) return undefined;
  return settings.policy.exceptions.find((each) => !hasExpired(each, now) && excuses(each, finding));
}

function excuses(exception: ImageException, { rule, path, repository }: Finding): boolean {
  if (exception.rule !== undefined && exception.rule !== rule) return false;
  if (exception.path !== undefined && !globMatch(exception.path, path)) return false;
  if (exception.image === undefined) return true;
  return repository !== undefined && globMatch(exception.image, repository);
}

/** The exceptions past their date, each a finding in the policies' own file. */
export function expiredExceptions(settings: PolicySettings, now: Date): readonly Finding[] {
  return settings.policy.exceptions
    .filter((each) => hasExpired(each, now))
    .map((each) => {
      const { at, owner, reason, expires, rule, image, path } = each;
      const what = [rule, image, path].filter((part) => part !== undefined).join(' ');
      const keyPath = `images.exceptions(${what})`;
      return {
        rule: 'expired-exception',
        severity: 'error',
        path: at.file,
        line: at.line,
        column: at.column,
        endLine: at.line,
        endColumn: at.column,
        keyPath,
        current: expires,
        reason: `the exception for ${what} ended on ${expires}; ${owner} wrote: ${reason}`,
        related: [],
        fingerprint: fingerprint({
          rule: 'expired-exception',
          path: at.file,
          document: 0,
          keyPath,
          repository: image ?? '',
        }),
        whyNoFix: 'its owner decides whether it goes on',
      };
    });
}
