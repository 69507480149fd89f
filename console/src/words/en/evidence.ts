export const evidence = {
  none: 'None',
  picture: (position: number) => `Picture ${position}`,
  upload: 'Upload a picture',
  addLink: 'Add an address',
};
