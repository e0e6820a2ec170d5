import type { SlotDecision } from '../records.ts';

/**
 * A slot decided twice or out of order would be a verdict twice. Throws unless all lie, in order and apart, in
 * (cursorAt, nextCursorAt]; called before anything is sent.
 */
export function checkDecisions(
  taskId: string,
  cursorAt: number,
  nextCursorAt: number,
  decisions: readonly SlotDecision[],
): void {
  if (nextCursorAt < cursorAt) throw new Error(`${taskId}: a cursor only moves forward`);
  let decided = cursorAt;
  for (const decision of decisions) {
    const last = decision.kind === 'skip' ? decision.toAt - 1 : decision.plannedAt;
    if (decision.plannedAt <= decided || last < decision.plannedAt || last > nextCursorAt) {
      throw new Error(`${taskId}: decisions out of order or outside (cursorAt, nextCursorAt]`);
    }
    decided = last;
  }
}
