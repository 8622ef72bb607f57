import { z } from 'zod';
import { accepted, op } from './define.ts';

export const alertOps = {
  'alerts.dismiss': op(
    'command',
    'Dismiss an alert that is only news. A condition is refused with what it stands until; an id that is not there, or no longer, is `not_found`.',
    z.strictObject({ alertId: z.string().min(1).max(200) }),
    accepted,
  ),
};
