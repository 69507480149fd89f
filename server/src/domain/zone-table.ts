/**
 * Which time zones the numbers of a country may be in: its zones as the tz database's `zone.tab` (public domain, version
 * 2025b) names them, those that keep the same time until 2030 named once. China is kept at its official time.
 */
export const ZONES_OF_COUNTRIES = `
AC Atlantic/St_Helena, AD Europe/Andorra, AE Asia/Dubai, AF Asia/Kabul, AG America/Antigua, AI America/Anguilla,
AL Europe/Tirane, AM Asia/Yerevan, AO Africa/Luanda, AR America/Argentina/Buenos_Aires, AS Pacific/Pago_Pago,
AT Europe/Vienna,
AU Australia/Lord_Howe Australia/Broken_Hill Australia/Brisbane Australia/Darwin Australia/Perth Australia/Eucla Australia/Sydney,
AW America/Aruba, AX Europe/Mariehamn, AZ Asia/Baku, BA Europe/Sarajevo, BB America/Barbados, BD Asia/Dhaka,
BE Europe/Brussels, BF Africa/Ouagadougou, BG Europe/Sofia, BH Asia/Bahrain, BI Africa/Bujumbura,
BJ Africa/Porto-Novo, BL America/St_Barthelemy, BM Atlantic/Bermuda, BN Asia/Brunei, BO America/La_Paz,
BQ America/Kralendijk, BR America/Noronha America/Sao_Paulo America/Manaus America/Rio_Branco, BS America/Nassau,
BT Asia/Thimphu, BW Africa/Gaborone, BY Europe/Minsk, BZ America/Belize,
CA America/St_Johns America/Halifax America/Blanc-Sablon America/Toronto America/Atikokan America/Winnipeg America/Regina America/Edmonton America/Creston America/Vancouver,
CC Indian/Cocos, CD Africa/Kinshasa Africa/Lubumbashi, CF Africa/Bangui, CG Africa/Brazzaville, CH Europe/Zurich,
CI Africa/Abidjan, CK Pacific/Rarotonga, CL America/Santiago America/Punta_Arenas Pacific/Easter, CM Africa/Douala,
CN Asia/Shanghai, CO America/Bogota, CR America/Costa_Rica, CU America/Havana, CV Atlantic/Cape_Verde,
CW America/Curacao, CX Indian/Christmas, CY Asia/Nicosia, CZ Europe/Prague, DE Europe/Berlin, DJ Africa/Djibouti,
DK Europe/Copenhagen, DM America/Dominica, DO America/Santo_Domingo, DZ Africa/Algiers,
EC America/Guayaquil Pacific/Galapagos, EE Europe/Tallinn, EG Africa/Cairo, EH Africa/El_Aaiun, ER Africa/Asmara,
ES Europe/Madrid Atlantic/Canary, ET Africa/Addis_Ababa, FI Europe/Helsinki, FJ Pacific/Fiji,
FK Atlantic/Stanley, FM Pacific/Chuuk Pacific/Pohnpei, FO Atlantic/Faroe, FR Europe/Paris, GA Africa/Libreville,
GB Europe/London, GD America/Grenada, GE Asia/Tbilisi, GF America/Cayenne, GG Europe/Guernsey, GH Africa/Accra,
GI Europe/Gibraltar, GL America/Nuuk America/Danmarkshavn America/Thule, GM Africa/Banjul, GN Africa/Conakry,
GP America/Guadeloupe, GQ Africa/Malabo, GR Europe/Athens, GT America/Guatemala, GU Pacific/Guam,
GW Africa/Bissau, GY America/Guyana, HK Asia/Hong_Kong, HN America/Tegucigalpa, HR Europe/Zagreb,
HT America/Port-au-Prince, HU Europe/Budapest, ID Asia/Jakarta Asia/Makassar Asia/Jayapura, IE Europe/Dublin,
IL Asia/Jerusalem, IM Europe/Isle_of_Man, IN Asia/Kolkata, IO Indian/Chagos, IQ Asia/Baghdad, IR Asia/Tehran,
IS Atlantic/Reykjavik, IT Europe/Rome, JE Europe/Jersey, JM America/Jamaica, JO Asia/Amman, JP Asia/Tokyo,
KE Africa/Nairobi, KG Asia/Bishkek, KH Asia/Phnom_Penh, KI Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati,
KM Indian/Comoro, KN America/St_Kitts, KP Asia/Pyongyang, KR Asia/Seoul, KW Asia/Kuwait, KY America/Cayman,
KZ Asia/Almaty, LA Asia/Vientiane, LB Asia/Beirut, LC America/St_Lucia, LI Europe/Vaduz, LK Asia/Colombo,
LR Africa/Monrovia, LS Africa/Maseru, LT Europe/Vilnius, LU Europe/Luxembourg, LV Europe/Riga, LY Africa/Tripoli,
MA Africa/Casablanca, MC Europe/Monaco, MD Europe/Chisinau, ME Europe/Podgorica, MF America/Marigot,
MG Indian/Antananarivo, MH Pacific/Majuro, MK Europe/Skopje, ML Africa/Bamako, MM Asia/Yangon,
MN Asia/Ulaanbaatar Asia/Hovd, MO Asia/Macau, MP Pacific/Saipan, MQ America/Martinique, MR Africa/Nouakchott,
MS America/Montserrat, MT Europe/Malta, MU Indian/Mauritius, MV Indian/Maldives, MW Africa/Blantyre,
MX America/Mexico_City America/Cancun America/Matamoros America/Ciudad_Juarez America/Mazatlan America/Tijuana,
MY Asia/Kuala_Lumpur, MZ Africa/Maputo, NA Africa/Windhoek, NC Pacific/Noumea, NE Africa/Niamey,
NF Pacific/Norfolk, NG Africa/Lagos, NI America/Managua, NL Europe/Amsterdam, NO Europe/Oslo, NP Asia/Kathmandu,
NR Pacific/Nauru, NU Pacific/Niue, NZ Pacific/Auckland Pacific/Chatham, OM Asia/Muscat, PA America/Panama,
PE America/Lima, PF Pacific/Tahiti Pacific/Marquesas Pacific/Gambier,
PG Pacific/Port_Moresby Pacific/Bougainville, PH Asia/Manila, PK Asia/Karachi, PL Europe/Warsaw,
PM America/Miquelon, PR America/Puerto_Rico, PS Asia/Gaza, PT Europe/Lisbon Atlantic/Azores, PW Pacific/Palau,
PY America/Asuncion, QA Asia/Qatar, RE Indian/Reunion, RO Europe/Bucharest, RS Europe/Belgrade,
RU Europe/Kaliningrad Europe/Moscow Europe/Astrakhan Asia/Yekaterinburg Asia/Omsk Asia/Novosibirsk Asia/Irkutsk Asia/Chita Asia/Vladivostok Asia/Magadan Asia/Kamchatka,
RW Africa/Kigali, SA Asia/Riyadh, SB Pacific/Guadalcanal, SC Indian/Mahe, SD Africa/Khartoum,
SE Europe/Stockholm, SG Asia/Singapore, SH Atlantic/St_Helena, SI Europe/Ljubljana, SJ Arctic/Longyearbyen,
SK Europe/Bratislava, SL Africa/Freetown, SM Europe/San_Marino, SN Africa/Dakar, SO Africa/Mogadishu,
SR America/Paramaribo, SS Africa/Juba, ST Africa/Sao_Tome, SV America/El_Salvador, SX America/Lower_Princes,
SY Asia/Damascus, SZ Africa/Mbabane, TA Atlantic/St_Helena, TC America/Grand_Turk, TD Africa/Ndjamena,
TG Africa/Lome, TH Asia/Bangkok, TJ Asia/Dushanbe, TK Pacific/Fakaofo, TL Asia/Dili, TM Asia/Ashgabat,
TN Africa/Tunis, TO Pacific/Tongatapu, TR Europe/Istanbul, TT America/Port_of_Spain, TV Pacific/Funafuti,
TW Asia/Taipei, TZ Africa/Dar_es_Salaam, UA Europe/Simferopol Europe/Kyiv, UG Africa/Kampala,
US America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage America/Adak Pacific/Honolulu,
UY America/Montevideo, UZ Asia/Samarkand, VA Europe/Vatican, VC America/St_Vincent, VE America/Caracas,
VG America/Tortola, VI America/St_Thomas, VN Asia/Ho_Chi_Minh, VU Pacific/Efate, WF Pacific/Wallis,
WS Pacific/Apia, XK Europe/Belgrade, YE Asia/Aden, YT Indian/Mayotte, ZA Africa/Johannesburg, ZM Africa/Lusaka,
ZW Africa/Harare
`;

/**
 * Where a number tells more than its country: the first digits of the international number. North America by area code
 * (the plan of the North American Numbering Plan Administrator), Brazil by the area code that mobile numbers carry. An
 * area that lies in two zones has both; an area code that is not listed has all zones of its country. It is where the
 * number was issued: who has moved and kept it is written to by the time of the place that was left.
 */
export const ZONES_OF_PREFIXES: readonly (readonly [prefix: string, ends: string, zones: string])[] = [
  [
    '1',
    `201 202 203 207 212 215 216 220 223 227 229 231 234 239 240 248 252 260 267 269 272 276 283 301 302
     304 305 313 315 317 321 324 326 329 330 332 336 339 347 351 352 363 380 386 401 404 407 410 412 413
     419 434 440 443 445 463 470 472 475 478 484 502 508 513 516 517 518 540 551 561 567 570 571 582 585
     586 603 607 609 610 614 616 617 631 640 645 646 656 667 678 679 680 681 686 689 703 704 706 716 717
     718 724 727 728 732 734 740 743 754 757 762 765 770 771 772 774 781 786 802 803 804 810 813 814 826
     828 835 838 839 843 845 848 854 856 857 859 860 862 863 864 865 878 904 908 910 912 914 917 919 929
     934 937 941 943 947 948 954 959 973 978 980 984 989`,
    'America/New_York',
  ],
  ['1', '219 270 364 423 448 574 606 812 850 906 930', 'America/New_York America/Chicago'],
  [
    '1',
    `205 210 214 217 218 224 225 228 251 254 256 262 274 281 309 312 314 316 318 319 320 325 331 334 337
     346 353 361 402 405 409 414 417 430 447 464 469 479 501 504 507 512 515 531 534 539 557 563 572 573
     580 601 608 612 615 618 629 630 636 641 651 659 660 662 682 708 712 713 715 726 730 731 737 763 769
     773 779 806 815 816 817 830 832 847 870 872 901 903 913 918 920 931 936 938 940 945 952 956 972 975
     979 985`,
    'America/Chicago',
  ],
  ['1', '308 432 605 620 701 785', 'America/Chicago America/Denver'],
  ['1', '303 307 385 406 435 505 575 719 720 801 915 970 983', 'America/Denver'],
  ['1', '208 458 541 775 986', 'America/Denver America/Los_Angeles'],
  ['1', '480 520 602 623', 'America/Phoenix'],
  ['1', '928', 'America/Phoenix America/Denver'],
  [
    '1',
    `206 209 213 253 279 310 323 341 350 360 408 415 424 425 442 503 509 510 530 559 562 564 619 626 628
     650 657 661 669 702 707 714 725 747 760 805 818 820 831 840 858 909 916 925 949 951 971`,
    'America/Los_Angeles',
  ],
  ['1', '907', 'America/Anchorage America/Adak'],
  ['1', '808', 'Pacific/Honolulu'],
  ['1', '709 879', 'America/St_Johns America/Halifax'],
  ['1', '428 506 782 902', 'America/Halifax'],
  ['1', '367 418 581', 'America/Halifax America/Blanc-Sablon America/Toronto'],
  [
    '1',
    `226 249 263 289 343 354 365 382 416 437 438 450 468 514 519 548 579 613 647 683 705 742 753 819 873
     905 942`,
    'America/Toronto',
  ],
  ['1', '807', 'America/Toronto America/Winnipeg America/Atikokan'],
  ['1', '204 431 584', 'America/Winnipeg'],
  ['1', '306 474 639', 'America/Regina America/Edmonton'],
  ['1', '368 403 587 780 825', 'America/Edmonton'],
  ['1', '236 250 257 604 672 778', 'America/Edmonton America/Creston America/Vancouver'],
  [
    '55',
    `11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54
     55 61 62 63 64 71 73 74 75 77 79 82 83 84 85 86 87 88 89 91 93 94 96 98 99`,
    'America/Sao_Paulo',
  ],
  ['55', '81', 'America/Sao_Paulo America/Noronha'],
  ['55', '65 66 67 69 92 95', 'America/Manaus'],
  ['55', '97', 'America/Manaus America/Rio_Branco'],
  ['55', '68', 'America/Rio_Branco'],
];
