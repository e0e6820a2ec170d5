import type { Strings } from './zh-CN';

export const scheduleEn: Strings['schedule'] = {
  ahead: 'Coming up',
  ifResumed: 'If resumed now',
  today: 'Today',
  tomorrow: 'Tomorrow',
  inZone: '{zone} time',
  nominal: 'set for {time}',
  nominalTime: 'Set for',
  here: 'phone {time}',
  spread: 'Spread out: always {length} after the set time',
  spreadNone: 'Spread over {within}: this task comes first, with no delay',
  spreadWithin: 'Spread out: always less than {within} after the set time',
  workdays: 'Work days of mainland China, make-up days included',
  holidays: 'Weekends and public holidays of mainland China, make-up days excluded',
  onWorkdays: '{words}, CN workdays',
  onHolidays: '{words}, CN days off',
  workdaysAt: 'CN workdays {time}',
  holidaysAt: 'CN days off {time}',
  inYear: '{words}, in {year}',
  failed: 'What is ahead could not be read: {reason}',
};
