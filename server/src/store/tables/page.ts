/** A part of a list: `page` counts from 1. */
export interface Page {
  page: number;
  pageSize: number;
}

export interface Paged<T> {
  items: T[];
  total: number;
}
