/** Why a move does not begin or go on: one line for the person who gave the command. Nothing was marked as moved. */
export class MoveRefusal extends Error {
  override readonly name = 'MoveRefusal';
}

export function refuseMove(why: string): never {
  throw new MoveRefusal(why);
}
