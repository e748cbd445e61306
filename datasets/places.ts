import type { Place } from './world.js';

const place = (latitudeDegrees: number, longitudeDegrees: number, timeZone: string): Place => ({
  latitudeDegrees,
  longitudeDegrees,
  timeZone,
});

/** Where a market region's data centre is taken to stand when a data folder has no weather/locations.csv for it. */
export const knownPlaces: Readonly<Record<string, Place>> = {
  'US-CAL-CISO': place(37.43, -121.95, 'America/Los_Angeles'),
  'US-TEX-ERCO': place(32.79, -96.82, 'America/Chicago'),
  'US-MIDA-PJM': place(39.96, -75.17, 'America/New_York'),
  'US-NY-NYIS': place(40.74, -74.04, 'America/New_York'),
  'CA-ON': place(43.69, -79.41, 'America/Toronto'),
  'DE-LU': place(50.09, 8.65, 'Europe/Berlin'),
  GB: place(51.49, -0.16, 'Europe/London'),
  FR: place(48.86, 2.35, 'Europe/Paris'),
  NL: place(52.37, 4.9, 'Europe/Amsterdam'),
  BE: place(50.85, 4.35, 'Europe/Brussels'),
  AT: place(48.21, 16.37, 'Europe/Vienna'),
  CH: place(47.38, 8.54, 'Europe/Zurich'),
  ES: place(40.42, -3.7, 'Europe/Madrid'),
  PT: place(38.72, -9.14, 'Europe/Lisbon'),
  'JP-TK': place(35.68, 139.81, 'Asia/Tokyo'),
  KR: place(37.57, 126.96, 'Asia/Seoul'),
  SG: place(1.3, 103.86, 'Asia/Singapore'),
  IN: place(19.09, 72.85, 'Asia/Kolkata'),
  'IN-WE': place(19.09, 72.85, 'Asia/Kolkata'),
  'AU-NSW': place(-33.85, 151.2, 'Australia/Sydney'),
  'AU-VIC': place(-37.79, 144.94, 'Australia/Melbourne'),
  BR: place(-23.51, -46.61, 'America/Sao_Paulo'),
  'BR-SP': place(-23.51, -46.61, 'America/Sao_Paulo'),
  'CL-SIC': place(-33.43, -70.64, 'America/Santiago'),
  ZA: place(-26.19, 28.03, 'Africa/Johannesburg'),
};

/** Which of these known regions lies nearest to a place. */
export const nearest = (regions: readonly string[], to: Place): string =>
  regions.reduce((best, region) => (greatCircle(to, knownPlaces[region]!) < greatCircle(to, knownPlaces[best]!) ? region : best));

/** The angle between two places, radians, by the haversine formula. */
function greatCircle(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (x: number, y: number): number => Math.sin(radians(x - y) / 2) ** 2;
  const h = half(a.latitudeDegrees, b.latitudeDegrees) + Math.cos(radians(a.latitudeDegrees)) * Math.cos(radians(b.latitudeDegrees)) * half(a.longitudeDegrees, b.longitudeDegrees);
  return 2 * Math.asin(Math.sqrt(Math.min(1, h)));
}
