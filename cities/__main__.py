"""`python -m cities PATH`: check a city package and print what is wrong with it, or what it holds."""

import sys
from pathlib import Path

from cities import CityError, load_city

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("用法：python -m cities 城市包目录")
    try:
        city = load_city(Path(sys.argv[1]))
    except CityError as error:
        sys.exit(str(error))
    reporting = sum(region.is_reporting for region in city.regions)
    print(
        f"{city.name}：统计单位 {reporting} 个，产业链 {len(city.industries)} 条，任务 {len(city.tasks)} 项，"
        f"目标 {len(city.targets)} 个，屏蔽地名 {len(city.places)} 个。没有发现问题。"
    )
