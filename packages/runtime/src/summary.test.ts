import { describe, expect, it } from '@jest/globals';
import { markdown, raw } from '@waybill/core';
import { createSummary, SUMMARY_LIMIT } from './summary.js';

describe('the job summary', () => {
  it('has its sections in order, leading ones first', () => {
    const summary = createSummary();
    summary.add('one', markdown`one`);
    summary.add('two', markdown`two`);
    summary.lead('verdict', markdown`verdict`);
    expect(summary.render()).toBe('verdict\n\none\n\ntwo');
  });

  it('is empty when nobody wrote', () => {
    expect(createSummary().render()).toBe('');
  });

  it('stays below the limit and says what is missing', () => {
    const summary = createSummary();
    summary.add('changes', raw('é'.repeat(300 * 1024)));
    summary.add('every image', raw('é'.repeat(300 * 1024)));
    const source = summary.render();
    expect(Buffer.byteLength(source)).toBeLessThanOrEqual(SUMMARY_LIMIT);
    expect(source).toMatch(/é\n\nLeft out for length: every image\. The run's log has everything\.$/);
  });
});
