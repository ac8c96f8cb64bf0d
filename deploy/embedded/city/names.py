"""Invented names as heard in Lampung: mostly Javanese, then Lampung, Sunda, Minang, Batak, Bali and Palembang.

A name is drawn from pools by group, so any likeness to a real person is chance.
"""

from __future__ import annotations

import random

_MALE = {
    "jawa": "Agus Sugeng Slamet Joko Wahyu Eko Dwi Tri Budi Suprapto Sutrisno Widodo Mulyono Haryanto Sukirman Nugroho "
    "Supriyadi Bayu Hendro Purwanto Sunaryo Teguh Yulianto Gunawan Edi Untung Paryono Warsito Tugiman Ngadiman Aris "
    "Didik Puguh Heru Anggit Fajar Galih Pandu Rizky Dimas Bagus Yoga",
    "lampung": "Ahmad Zulkarnain Iskandar Yusuf Hasan Basri Rusdi Sahril Rohim Herman Firdaus Fauzi Ridwan Muhidin "
    "Zainal Rahmat Ansori Helmi Darwis Syahrul Erwin Junaidi Marwan Irham Robi",
    "sunda": "Asep Dedi Cecep Ujang Dadang Yayan Iwan Jajang Tatang Endang Deden Rukmana Wawan Enjang Nandang Rudi",
    "minang": "Syafrizal Yulizar Afrizal Zulfikar Hendri Yosrizal Masrul Ardinal Rinaldi Jufri Nasrul Efrizal Febri",
    "batak": "Parulian Tumpal Binsar Horas Hotman Maruli Jonter Saut Ronald Togar Poltak Mangasi Daniel Samuel",
    "bali": "Wayan Made Nyoman Ketut Putu Komang Kadek Gede",
    "palembang": "Muhammad Abdul Hamdan Fadli Taufik Ilham Rian Andi Novri Zaki Amrullah Yudi Fahri Arif Hafiz",
}
_FEMALE = {
    "jawa": "Sri Siti Endang Wahyuni Sulastri Rini Dwi Tri Eka Yuni Retno Ningsih Partini Suharti Wiwik Lestari Tutik "
    "Sumarni Ika Dian Puji Indah Nur Ratna Anik Umi Sari Widya Fitri Hesti Ayu Anggun Laras Mega Putri Rahayu",
    "lampung": "Rosmala Nurbaiti Hayati Maryani Zubaidah Yulina Helmiyati Rohana Erlina Nuraini Maisaroh Fatimah Desi "
    "Yesi Herlina Mardiana Susilawati Meli Risa",
    "sunda": "Neneng Euis Imas Iis Teti Cucu Yeyen Lilis Elis Nani Ai Tita Rina Mira",
    "minang": "Yulfa Erniwati Yusnidar Desmawati Gusmaini Rahmi Elvira Fitriani Nofrida Wirda Sesri Melati",
    "batak": "Rotua Tiurma Masda Lamria Rosinta Ester Maria Debora Friska Netty Ruth Sondang",
    "bali": "Wayan Made Nyoman Ketut Putu Komang Kadek Luh",
    "palembang": "Aisyah Nabila Khairunnisa Rosda Zahara Leni Yanti Marlina Devi Novita Selvi Winda Annisa Intan",
}
_LAST_MALE = {
    "jawa": "Santosa Prasetyo Wibowo Setiawan Kurniawan Susanto Raharjo Hartono Saputra Utomo Pranoto Wijaya Nugraha "
    "Sasongko Hidayat Cahyono Subagyo Wicaksono Pamungkas Suwito Riyadi Basuki Arifin Laksono Kuncoro",
    "lampung": "Sanjaya Alamsyah Ratu Bangsawan Pesirah Syah Jayanegara Mangkubumi Hakim Yunus Efendi Syarif Putra",
    "sunda": "Suhendar Permana Sutisna Kusnadi Mulyana Sobandi Kurnia Rohmana Gumilar Hermawan Supriatna Komara",
    "minang": "Chaniago Koto Piliang Tanjung Sikumbang Jambak Guci Malin Caniago Pasaribu Melayu",
    "batak": "Siregar Sitorus Simanjuntak Nasution Hutapea Lubis Manurung Sinaga Harahap Situmorang Panjaitan Purba",
    "bali": "Sudarma Widiana Suartana Artawan Wirawan Sudiarta Arnawa Adnyana",
    "palembang": "Kurniadi Fahrozi Akbar Romadhon Pratama Ramadhan Syahputra Wahid Nurdin Yusron Mukti Hanafi",
}
_LAST_FEMALE = _LAST_MALE | {
    "jawa": "Astuti Lestari Rahayu Handayani Purwanti Kusumawati Setyowati Wulandari Hastuti Utami Widiastuti "
    "Anggraini Susilowati Permatasari Wijayanti Mulyani Pujiastuti Hapsari Wahyuningsih Kurniasih Suryani Damayanti",
    "lampung": "Sari Yanti Puspita Dewi Wati Oktavia Safitri Apriyani Ulfa Marlena Puspasari Andayani",
    "sunda": "Suhartini Rohaeti Nurhayati Komalasari Kartika Sumiati Mulyati Rosmiati Sulastri Rohayati",
    "bali": "Suryani Ariani Widiantari Astini Suartini Sukerti Dewi",
    "palembang": "Oktarina Febriani Agustina Pratiwi Maharani Ramadhani Salsabila Amelia Kurnia Hasanah",
}
_WEIGHTS = {"jawa": 52, "lampung": 17, "sunda": 9, "minang": 6, "batak": 5, "bali": 4, "palembang": 7}
_GROUPS = tuple(_WEIGHTS)
_POOL_WEIGHTS = tuple(_WEIGHTS.values())
_POOLS = {
    False: ({k: v.split() for k, v in _MALE.items()}, {k: v.split() for k, v in _LAST_MALE.items()}),
    True: ({k: v.split() for k, v in _FEMALE.items()}, {k: v.split() for k, v in _LAST_FEMALE.items()}),
}


def invent_name(rng: random.Random, *, female: bool) -> str:
    """A full name of two or three words without degrees."""
    group = rng.choices(_GROUPS, _POOL_WEIGHTS)[0]
    first, last = _POOLS[female]
    words = [rng.choice(first[group])]
    # Family names of Batak and Minang and Balinese birth-order names need another given name in between now and then.
    if rng.random() < 0.35:
        middle = rng.choice(first[group])
        if middle not in words:
            words.append(middle)
    words.append(rng.choice(last[group]))
    return " ".join(dict.fromkeys(words))
