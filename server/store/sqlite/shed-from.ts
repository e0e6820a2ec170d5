/** Drops the oldest entries that may go once a map is over its size; a tenth at a time. */
export function shedFrom<T>(map: Map<string, T>, max: number, mayGo: (item: T) => boolean): void {
  if (map.size <= max) return;
  let left = map.size - Math.floor(max * 0.9);
  for (const [key, item] of map) {
    if (left <= 0) break;
    left -= 1;
    if (mayGo(item)) map.delete(key);
  }
}
