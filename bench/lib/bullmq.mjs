/** The instant a scheduler's job stands for: BullMQ's ids are `repeat:<scheduler>:<ms>`. */
export function slotOfJob(id) {
  const at = Number(/^repeat:.*:(\d{13})$/.exec(id)?.[1]);
  if (Number.isNaN(at)) throw new Error(`not the id of a scheduler's job: ${id}`);
  return at;
}
