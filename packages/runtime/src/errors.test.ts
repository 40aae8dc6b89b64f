import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode, WaybillError, WaybillErrors } from '@waybill/core';
import { describeCauses, describeFailure } from './errors.js';

const error = (code: ErrorCode) => new WaybillError(code, { what: code, remedy: 'Mend it.' });

describe('describeFailure', () => {
  it('keeps the code of every known error, and refuses what Waybill itself says no to', () => {
    const decisions = Object.fromEntries(ERROR_CODES.map((code) => [code, describeFailure(error(code), 'x')]));
    for (const code of ERROR_CODES) {
      expect(decisions[code]?.reasonCode).toBe(code);
    }
    expect(decisions['freight-not-available']?.decision).toBe('refused');
    expect(decisions['input-invalid']?.decision).toBe('refused');
    expect(decisions['registry-unavailable']?.decision).toBe('failed');
    expect(decisions['forge-denied']?.decision).toBe('failed');
  });

  it('counts several errors as failed when one of them is', () => {
    expect(
      describeFailure(new WaybillErrors([error('freight-not-available'), error('head-moved')]), 'x'),
    ).toMatchObject({
      decision: 'failed',
      reasonCode: 'head-moved',
    });
  });

  it.each([[new TypeError('x is undefined.')], ['x is undefined']])('takes %p for internal', (caught) => {
    const failure = describeFailure(caught, 'https://github.example/acme/waybill/issues/new');
    expect(failure).toMatchObject({ decision: 'failed', reasonCode: 'internal' });
    expect(failure.errors[0].message).toMatch(/: x is undefined\. Run .* https:\/\/github\.example\/acme/);
  });
});

describe('describeCauses', () => {
  it('follows the chain, and not forever', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(describeCauses(new Error('a', { cause: 'b' }))).toMatch(/^Error: a[\s\S]*\ncaused by: b$/);
    expect(describeCauses(loop).match(/Error: loop/g)).toHaveLength(8);
  });
});
