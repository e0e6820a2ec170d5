/** The times of day of a cron pattern, as an ordered list that is never written out: hours × minutes × seconds. */
export interface TimeList {
  /** How many times the list has: at most 86,400. */
  length: number;
  /** How many of them come before a time of day in ms (0 to 86,400,000). */
  rank(timeMs: number): number;
  /** The time of day at an index, in ms. */
  at(index: number): number;
}

interface Field {
  values: number[];
  /** How many values are below the index. */
  below: number[];
}

function field(marks: number[]): Field {
  const values: number[] = [];
  const below: number[] = [];
  marks.forEach((mark, value) => {
    below.push(values.length);
    if (mark) values.push(value);
  });
  return { values, below };
}

/** Builds the list from marks per hour (24), minute (60) and second (60): non-zero where the pattern names the value. */
export function createTimeList(hourMarks: number[], minuteMarks: number[], secondMarks: number[]): TimeList {
  const [hours, minutes, seconds] = [field(hourMarks), field(minuteMarks), field(secondMarks)];
  const perMinute = seconds.values.length;
  const perHour = minutes.values.length * perMinute;
  const length = hours.values.length * perHour;
  return {
    length,
    rank(timeMs) {
      const time = Math.ceil(timeMs / 1_000);
      if (time >= 86_400) return length;
      const hour = Math.floor(time / 3_600);
      const minute = Math.floor(time / 60) % 60;
      let rank = hours.below[hour]! * perHour;
      if (!hourMarks[hour]) return rank;
      rank += minutes.below[minute]! * perMinute;
      return minuteMarks[minute] ? rank + seconds.below[time % 60]! : rank;
    },
    at(index) {
      const hour = hours.values[Math.floor(index / perHour)]!;
      const minute = minutes.values[Math.floor((index % perHour) / perMinute)]!;
      return (hour * 3_600 + minute * 60 + seconds.values[index % perMinute]!) * 1_000;
    },
  };
}
